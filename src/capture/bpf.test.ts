import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { offlineFilter } from "../../ffi/libpcap/libpcap.ts";
import { RscapError } from "../report/error.ts";
import { BPF_ANCILLARY_OFFSET, type BpfInstruction, checkProgram, decodeProgram, makeFilter } from "./bpf.ts";
import { compileFilter } from "./filter.ts";

function encode(instructions: readonly (readonly [number, number, number, number])[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  instructions.forEach(([code, jumpTrue, jumpFalse, k], i) => {
    view.setUint16(i * 8, code, true);
    view.setUint8(i * 8 + 2, jumpTrue);
    view.setUint8(i * 8 + 3, jumpFalse);
    view.setUint32(i * 8 + 4, k, true);
  });
  return bytes;
}

const RET_A = [0x16, 0, 0, 0] as const;
const LOADS = [0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0xb1];
const ALU = [0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x84, 0x94, 0xa4];
const SHIFTS = [0x64, 0x74];
const ALU_X = [0x0c, 0x1c, 0x2c, 0x3c, 0x4c, 0x5c, 0x6c, 0x7c, 0x9c, 0xac];
const CONDITIONS = [0x15, 0x25, 0x35, 0x45, 0x1d, 0x2d, 0x3d, 0x4d];
const MEMORY = [0x60, 0x61, 0x02, 0x03];
const PLAIN = [0x00, 0x01, 0x80, 0x81, 0x07, 0x87];

const anyK = fc.oneof(fc.nat(40), fc.integer({ min: 0, max: 0xffffffff }));
const loadK = fc.oneof(fc.nat(70), fc.integer({ min: 0, max: BPF_ANCILLARY_OFFSET - 1 }));
const instruction = fc.oneof(
  fc.tuple(fc.constantFrom(...LOADS), fc.constant(0), fc.constant(0), loadK),
  fc.tuple(fc.constantFrom(...ALU_X), fc.constant(0), fc.constant(0), anyK),
  // A division by a constant zero is refused by libpcap before it runs.
  fc.tuple(
    fc.constantFrom(...ALU),
    fc.constant(0),
    fc.constant(0),
    anyK.map((k) => Math.max(k, 1)),
  ),
  // A shift by a constant of 32 or more is undefined in C.
  fc.tuple(fc.constantFrom(...SHIFTS), fc.constant(0), fc.constant(0), fc.nat(31)),
  fc.tuple(fc.constantFrom(...CONDITIONS), fc.nat(5), fc.nat(5), anyK),
  fc.tuple(fc.constantFrom(...MEMORY), fc.constant(0), fc.constant(0), fc.nat(15)),
  fc.tuple(fc.constantFrom(...PLAIN), fc.constant(0), fc.constant(0), anyK),
  fc.tuple(fc.constant(0x05), fc.constant(0), fc.constant(0), fc.nat(5)),
  fc.tuple(fc.constant(0x06), fc.constant(0), fc.constant(0), anyK),
);

/** Scratch memory is written before anything reads it: libpcap leaves it as it was. */
const MEMORY_WRITTEN = Array.from({ length: 16 }, (_, i) => [0x02, 0, 0, i] as const);
/** Six returns at the end, so that a jump over at most five instructions stays inside. */
const END = Array.from({ length: 6 }, () => RET_A);

describe("makeFilter", () => {
  test("any program gives what libpcap's bpf_filter gives, on any frame at any offset", () => {
    const program = fc.array(instruction, { maxLength: 30 });
    const frame = fc.uint8Array({ maxLength: 64 });
    fc.assert(
      fc.property(program, frame, fc.nat(9000), fc.nat(8), (middle, octets, more, off) => {
        const instructions = encode([...MEMORY_WRITTEN, ...middle, ...END]);
        const filter = makeFilter({ instructions, text: "" });
        const buf = new Uint8Array(off + octets.length + 8).fill(0xa5);
        buf.set(octets, off);
        const wireLength = octets.length + more;
        expect(filter(buf, off, octets.length, wireLength)).toBe(
          offlineFilter(instructions, octets, wireLength),
        );
      }),
      { numRuns: 2000 },
    );
  });

  test("any octets as a program: refused with a reason, or run to a result", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 64 }), (octets, frame) => {
        try {
          const result = makeFilter({ instructions: octets, text: "x" })(
            frame,
            0,
            frame.length,
            frame.length,
          );
          expect(result).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(RscapError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("a filter compiled from text takes what it names, wherever the frame was cut", () => {
    const frame = new Uint8Array(60);
    frame.set([0x08, 0x00], 12);
    frame.set([0x45, 0, 0, 40, 0, 0, 0, 0, 1, 17, 0, 0, 10, 0, 0, 1, 239, 1, 1, 1, 0, 1, 0x13, 0x88], 14);
    const program = compileFilter("udp dst port 5000 and dst host 239.1.1.1", { linkType: 1 });
    const filter = makeFilter(program);
    expect(filter(frame, 0, 60, 60)).toBeGreaterThan(0);
    for (let length = 0; length <= 60; length++) {
      expect(filter(frame, 0, length, 60)).toBe(
        offlineFilter(program.instructions, frame.slice(0, length), 60),
      );
    }
    expect(makeFilter(compileFilter("less 100", { linkType: 1 }))(frame, 0, 20, 60)).toBeGreaterThan(0);
    expect(makeFilter(compileFilter("less 100", { linkType: 1 }))(frame, 0, 20, 101)).toBe(0);
  });

  test("a shift by 32 or more leaves nothing", () => {
    for (const shift of [0x64, 0x74]) {
      const instructions = encode([[0x00, 0, 0, 0xffffffff], [shift, 0, 0, 32], RET_A]);
      expect(makeFilter({ instructions, text: "" })(new Uint8Array(1), 0, 1, 1)).toBe(0);
    }
  });

  test("state does not leak from one frame to the next", () => {
    // ld [0]; jeq 0 -> ret M[3], else st M[3], ret 0.
    const instructions = encode([
      [0x30, 0, 0, 0],
      [0x15, 2, 0, 0],
      [0x02, 0, 0, 3],
      [0x06, 0, 0, 0],
      [0x60, 0, 0, 3],
      [0x16, 0, 0, 0],
    ]);
    const filter = makeFilter({ instructions, text: "" });
    expect(filter(new Uint8Array([9]), 0, 1, 1)).toBe(0);
    expect(filter(new Uint8Array([0]), 0, 1, 1)).toBe(0);
  });
});

describe("checkProgram", () => {
  const check = (...instructions: (readonly [number, number, number, number])[]): string | null =>
    checkProgram(decodeProgram(encode(instructions)));

  test("accepts what returns, and names what is wrong", () => {
    expect(check(RET_A)).toBeNull();
    expect(checkProgram([])).toContain("0 instructions");
    expect(check(...Array.from({ length: 4097 }, () => RET_A))).toContain("4097 instructions");
    expect(check([0xffff, 0, 0, 0], RET_A)).toContain("is unknown");
    expect(check([0x60, 0, 0, 16], RET_A)).toContain("scratch memory");
    expect(check([0x15, 1, 0, 0], RET_A)).toContain("beyond the end");
    expect(check([0x05, 0, 0, 0xffffffff], RET_A)).toContain("beyond the end");
    expect(check([0x00, 0, 0, 0])).toContain("beyond the end");
  });

  test("what only the kernel knows is not in a file: SKF_AD offsets are refused", () => {
    const vlanTagPresent = 0xfffff030;
    expect(check([0x30, 0, 0, vlanTagPresent], RET_A)).toContain("only the kernel knows");
    expect(() =>
      makeFilter({ instructions: encode([[0x30, 0, 0, vlanTagPresent], RET_A]), text: "vlan" }),
    ).toThrow('The filter "vlan" can\'t run on files');
  });

  test("a program of thousands of jumps runs, or is refused as too long", () => {
    const jumps = Array.from({ length: 4000 }, (_, i) => [0x15, 1, 0, i] as const);
    const instructions = encode([...jumps, RET_A, RET_A]);
    try {
      expect(makeFilter({ instructions, text: "long" })(new Uint8Array(4), 0, 4, 4)).toBe(0);
    } catch (error) {
      expect((error as RscapError).message).toContain("too long");
    }
  });

  test("instructions decode in the kernel's layout", () => {
    const expected: BpfInstruction[] = [{ code: 0x15, jumpTrue: 1, jumpFalse: 2, k: 0xfffffffe }];
    expect(decodeProgram(encode([[0x15, 1, 2, 0xfffffffe]]))).toEqual(expected);
  });
});
