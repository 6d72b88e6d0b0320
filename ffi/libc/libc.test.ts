import { describe, expect, test } from "bun:test";
import { addressOf, alloc, cString } from "../memory.ts";
import * as C from "./constants.ts";
import {
  attachFilter,
  clockNow,
  errno,
  errorText,
  getSocketOption,
  interfaceExists,
  interfaceIndex,
  interfaceName,
  libc,
  monotonicNs,
  PollOne,
  setSocketOption,
  setSocketOptionInt,
} from "./libc.ts";

describe("libc", () => {
  test("a failing call leaves its errno, and errno has words", () => {
    expect(libc().close(-1)).toBe(-1);
    expect(errno()).toBe(C.ERRNO.EBADF);
    expect(errorText(C.ERRNO.ENODEV)).toBe("No such device");
    expect(libc().socket(9999, 1, 0)).toBe(-1);
    expect(errno()).not.toBe(C.ERRNO.EBADF);
  });

  test("results that may be -1 come as numbers", () => {
    const buf = alloc(16);
    expect(libc().write(-1, addressOf(buf), 16)).toBe(-1);
    expect(libc().mmap(0, 4096, C.PROT_READ, C.MAP_SHARED, -1, 0)).toBe(-1);
    expect(errno()).toBe(C.ERRNO.EBADF);
  });

  test("socket options go in and come back", () => {
    const fd = libc().socket(C.AF_INET, C.SOCK_DGRAM | C.SOCK_CLOEXEC, 0);
    expect(fd).toBeGreaterThan(2);
    expect(setSocketOptionInt(fd, C.SOL_SOCKET, C.SO_RCVBUF, 65536)).toBe(0);
    const value = alloc(4);
    expect(getSocketOption(fd, C.SOL_SOCKET, C.SO_RCVBUF, value)).toBe(4);
    // socket(7): the kernel doubles the value for its own bookkeeping.
    expect(new DataView(value.buffer).getInt32(0, true)).toBe(131072);
    expect(setSocketOption(fd, C.SOL_SOCKET, 9999, alloc(4))).toBe(-1);
    expect(getSocketOption(fd, C.SOL_SOCKET, 9999, value)).toBe(-1);
    expect(libc().close(fd)).toBe(0);
  });

  test("poll waits for one descriptor", () => {
    const fd = libc().socket(C.AF_INET, C.SOCK_DGRAM | C.SOCK_CLOEXEC, 0);
    const poll = new PollOne(fd, C.POLLIN);
    expect(poll.wait(0)).toBe(0);
    libc().close(fd);
    expect(poll.wait(0)).toBe(1);
    expect(poll.revents & C.POLLNVAL).toBe(C.POLLNVAL);
  });

  test("a filter is attached to a socket, a malformed one refused", () => {
    const fd = libc().socket(C.AF_INET, C.SOCK_DGRAM | C.SOCK_CLOEXEC, 0);
    const returnZero = new Uint8Array([0x06, 0, 0, 0, 0, 0, 0, 0]);
    expect(attachFilter(fd, returnZero)).toBe(0);
    expect(attachFilter(fd, new Uint8Array(8).fill(0xff))).toBe(-1);
    expect(errno()).toBe(C.ERRNO.EINVAL);
    libc().close(fd);
  });

  test("memcpy copies by address", () => {
    const from = cString("MPEG-TS");
    const to = alloc(from.length);
    libc().memcpy(addressOf(to), addressOf(from), from.length);
    expect(to).toEqual(from);
  });

  test("the clock is the one JavaScript has, and loopback has an index", () => {
    const { seconds, nanoseconds } = clockNow();
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
    expect(nanoseconds).toBeLessThan(1e9);
    const before = monotonicNs();
    expect(monotonicNs()).toBeGreaterThanOrEqual(before);
    expect(Math.abs(before - clockNow(C.CLOCK_MONOTONIC).seconds * 1e9)).toBeLessThan(60e9);
    expect(interfaceIndex("lo")).toBeGreaterThan(0);
    expect(interfaceIndex("no-such-device")).toBe(0);
    expect(interfaceExists(interfaceIndex("lo"))).toBe(true);
    expect(interfaceExists(999_999)).toBe(false);
    expect(interfaceName(interfaceIndex("lo"))).toBe("lo");
  });
});
