/** What a person reads when a capture can't be started: what was got, and what to do. */
import { describe, expect, test } from "bun:test";
import { ERRNO } from "../../ffi/libc/constants.ts";
import { interfaceIndex } from "../../ffi/libc/libc.ts";
import {
  PCAP_ERROR,
  PCAP_ERROR_IFACE_NOT_UP,
  PCAP_ERROR_NO_SUCH_DEVICE,
  PCAP_ERROR_PERM_DENIED,
} from "../../ffi/libpcap/constants.ts";
import { activateError, compileForCooked } from "./filter-live.ts";
import { LIVE_DEFAULTS, openLive } from "./live.ts";
import { refused } from "./membership.ts";
import { filterRefused, ringError, socketError } from "./ring-setup.ts";

const options = { ...LIVE_DEFAULTS, device: "eth7" };

describe("errors of the ring", () => {
  test("no memory: ask for less; any other reason: another size or libpcap", () => {
    const noMemory = ringError(options, ERRNO.ENOMEM);
    expect(noMemory.message).toBe(
      "A capture ring of 67108864 octets can't be made: Cannot allocate memory. " +
        "There is not enough free memory in one piece: ask for less (--ring-size, RING_SIZE).",
    );
    expect(noMemory.exitCode).toBe(4);
    expect(ringError(options, ERRNO.EINVAL).message).toContain("--block-size");
  });

  test("a socket: permission names the capability, anything else the reason", () => {
    expect(socketError("eth7", ERRNO.EPERM).code).toBe("capture.permission");
    expect(socketError("eth7", ERRNO.EACCES).message).toContain("CAP_NET_RAW");
    const other = socketError("eth7", ERRNO.ENODEV);
    expect(other.message).toStartWith('Capturing on "eth7" can\'t be started: No such device.');
    expect(other.exitCode).toBe(4);
  });

  test("a filter too long for the kernel names the limit", () => {
    const message = filterRefused(new Uint8Array(8 * 5000), ERRNO.ENOMEM).message;
    expect(message).toContain("5000 instructions");
    expect(message).toContain("net.core.optmem_max");
  });
});

describe("errors of libpcap's handles", () => {
  test("each status has its own error", () => {
    expect(activateError("eth7", PCAP_ERROR_PERM_DENIED, "x").code).toBe("capture.permission");
    expect(activateError("eth7", PCAP_ERROR_IFACE_NOT_UP, "").code).toBe("device.down");
    expect(() => activateError("no-such-device", PCAP_ERROR_NO_SUCH_DEVICE, "")).toThrow("Those that exist");
    expect(activateError("any", PCAP_ERROR_NO_SUCH_DEVICE, "x").code).toBe("capture.start");
    expect(activateError("eth7", PCAP_ERROR, "words of libpcap").message).toContain("words of libpcap");
    expect(activateError("eth7", PCAP_ERROR, "").message).toContain("does not say why");
  });

  test("a filter by link address on a device without one is wrong usage", () => {
    const cooked = { ...options, device: "any", filter: "link[6] = 1" };
    try {
      compileForCooked(cooked);
      throw new Error("compiled");
    } catch (error) {
      expect(error).toMatchObject({ exitCode: 2, code: "filter.cooked" });
    }
  });

  test("a missing device is named by both backends with those that exist", () => {
    for (const backend of ["ring", "libpcap"] as const) {
      expect(() => openLive(backend, { ...options, device: "no-such-device" })).toThrow(
        "Those that exist: lo",
      );
    }
  });
});

test("a refused membership says why and what to do, by errno", () => {
  const membership = { group: "239.1.1.1", interfaceIndex: interfaceIndex("lo") };
  expect(refused(membership, ERRNO.ENODEV).message).toContain("--source-device");
  expect(refused(membership, ERRNO.EADDRNOTAVAIL).message).toContain("ip link");
  expect(refused(membership, ERRNO.ENOBUFS).message).toContain("net.core.optmem_max");
  expect(refused({ ...membership, interfaceIndex: 999_999 }, ERRNO.ENODEV).message).toContain(
    "interface 999999",
  );
  expect(refused({ ...membership, source: "10.0.0.1" }, ERRNO.EPERM).message).toBe(
    "The multicast group 239.1.1.1 from sender 10.0.0.1 can't be joined on lo: Operation not permitted.",
  );
});
