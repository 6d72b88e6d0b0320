import { describe, expect, test } from "bun:test";
import { type SeccompFilter, seccompFilter } from "./seccomp.ts";

const ALLOW = 0x7fff0000;
const REFUSE = 0x00050001;

/** Runs the filter as the kernel does: classic BPF over `struct seccomp_data`. */
function judge(
  { instructions }: SeccompFilter,
  arch: number,
  nr: number,
  args: readonly number[] = [],
): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, nr, true);
  data.setUint32(4, arch, true);
  for (const [i, value] of args.entries()) data.setUint32(16 + i * 8, value, true);
  const view = new DataView(instructions.buffer);
  let accumulator = 0;
  for (let pc = 0; pc < instructions.length / 8; pc++) {
    const [code, yes, no, k] = [
      view.getUint16(pc * 8, true),
      view.getUint8(pc * 8 + 2),
      view.getUint8(pc * 8 + 3),
      view.getUint32(pc * 8 + 4, true),
    ];
    if (code === 0x20) accumulator = data.getUint32(k, true);
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (code === 0x15) pc += accumulator === k ? yes : no;
    else if (code === 0x35) pc += accumulator >= k ? yes : no;
    else if (code === 0x06) return k;
    else throw new Error(`code ${code} is not in use here`);
  }
  throw new Error("ran past the end");
}

describe.each([
  ["x64", 0xc000003e, { socket: 41, ptrace: 101, read: 0, execve: 59, mount: 165 }],
  ["arm64", 0xc00000b7, { socket: 198, ptrace: 117, read: 63, execve: 221, mount: 40 }],
] as const)("the filter for %s", (machine, arch, numbers) => {
  const filter = seccompFilter(machine) as SeccompFilter;

  test("lets ordinary calls pass and refuses those that nobody needs", () => {
    expect(judge(filter, arch, numbers.read)).toBe(ALLOW);
    expect(judge(filter, arch, numbers.execve)).toBe(ALLOW);
    expect(judge(filter, arch, numbers.ptrace)).toBe(REFUSE);
    expect(judge(filter, arch, numbers.mount)).toBe(REFUSE);
  });

  test("refuses packet and raw sockets, and no others", () => {
    const socket = (domain: number, type: number): number =>
      judge(filter, arch, numbers.socket, [domain, type]);
    const cloexec = 0o2000000;
    expect(socket(17, 3)).toBe(REFUSE);
    expect(socket(17, 2 | cloexec)).toBe(REFUSE);
    expect(socket(2, 3 | cloexec)).toBe(REFUSE);
    expect(socket(10, 3)).toBe(REFUSE);
    for (const [domain, type] of [
      [2, 1],
      [2, 2 | cloexec],
      [10, 2],
      [1, 1],
      // AF_NETLINK is raw by its nature.
      [16, 3 | cloexec],
    ] as const) {
      expect(socket(domain, type)).toBe(ALLOW);
    }
  });

  test("refuses calls of another machine's interface", () => {
    expect(judge(filter, 0x40000003, numbers.read)).toBe(REFUSE);
    expect(judge(filter, arch, 0x40000000 + numbers.read)).toBe(REFUSE);
  });
});

test("a machine whose numbers are not known has no filter", () => {
  expect(seccompFilter("riscv64")).toBeNull();
});
