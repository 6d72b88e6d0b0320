/**
 * The classic Berkeley packet filter, for files: the instructions that libpcap compiled become one
 * JavaScript function, so that no call leaves the process for each frame (7 ns a frame for a usual filter;
 * a loop over the instructions takes 80 to 110). The semantics are those of libpcap's bpf_filter: a load
 * beyond the captured octets and a division by zero reject the frame.
 */
import { type RscapError, usageError } from "../report/error.ts";

/** Octets of one instruction: u16 code, u8 jump if true, u8 jump if false, u32 k; little-endian. */
export const BPF_INSTRUCTION_BYTES = 8;

/** Most instructions that the kernel takes (BPF_MAXINSNS). */
const BPF_MAX_INSTRUCTIONS = 4096;

/** Number of scratch words (BPF_MEMWORDS). */
const BPF_MEMORY_WORDS = 16;

/** From here up, an absolute load asks the kernel for what is not in the frame (SKF_LL_OFF, SKF_AD_OFF). */
export const BPF_ANCILLARY_OFFSET = 0xffe00000;

/** A compiled filter. */
export interface BpfProgram {
  /** `struct bpf_insn` records end to end, as libpcap and the kernel have them. */
  readonly instructions: Uint8Array;
  /** The text that it was compiled from, for messages. */
  readonly text: string;
}

/** Octets of the frame to keep: 0 rejects it. */
export type FrameFilter = (
  buf: Uint8Array,
  off: number,
  capturedLength: number,
  wireLength: number,
) => number;

/** One instruction. */
export interface BpfInstruction {
  readonly code: number;
  /** Instructions to pass over when the condition holds, and when not. */
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  /** 0 to 4294967295. */
  readonly k: number;
}

/** What each load reads into A: octets, and whether X is added to the offset. */
const LOADS: Readonly<Record<number, { readonly bytes: 1 | 2 | 4; readonly indirect: boolean }>> = {
  32: { bytes: 4, indirect: false },
  40: { bytes: 2, indirect: false },
  48: { bytes: 1, indirect: false },
  64: { bytes: 4, indirect: true },
  72: { bytes: 2, indirect: true },
  80: { bytes: 1, indirect: true },
};

/** Conditional jumps, BPF_JMP: the comparison of A with the operand. */
const CONDITIONS: Readonly<Record<number, string>> = {
  16: "a === $",
  32: "a > $",
  48: "a >= $",
  64: "(a & $) !== 0",
};

/** BPF_ALU: A from A and the operand, modulo 2^32; a shift by 32 or more leaves nothing. */
const ARITHMETIC: Readonly<Record<number, string>> = {
  0: "a = (a + $) >>> 0;",
  16: "a = (a - $) >>> 0;",
  32: "a = Math.imul(a, $) >>> 0;",
  48: "if ($ === 0) return 0; a = Math.floor(a / $);",
  64: "a = (a | $) >>> 0;",
  80: "a = (a & $) >>> 0;",
  96: "a = $ < 32 ? (a << $) >>> 0 : 0;",
  112: "a = $ < 32 ? a >>> $ : 0;",
  128: "a = -a >>> 0;",
  144: "if ($ === 0) return 0; a = a % $;",
  160: "a = (a ^ $) >>> 0;",
};

const BPF_ALU = 0x04;
const BPF_JMP = 0x05;
const BPF_JA = 0x05;
const BPF_RET_K = 0x06;
const BPF_RET_A = 0x16;
const LD_MEMORY = 0x60;
const LDX_MEMORY = 0x61;
const ST = 0x02;
const STX = 0x03;
/** Operand of BPF_ALU and BPF_JMP: X instead of k. */
const BPF_X = 0x08;

/** The instructions of a program; octets after the last whole one are left out. */
export function decodeProgram(instructions: Uint8Array): BpfInstruction[] {
  const view = new DataView(instructions.buffer, instructions.byteOffset, instructions.length);
  const decoded: BpfInstruction[] = [];
  for (let at = 0; at + BPF_INSTRUCTION_BYTES <= instructions.length; at += BPF_INSTRUCTION_BYTES) {
    decoded.push({
      code: view.getUint16(at, true),
      jumpTrue: view.getUint8(at + 2),
      jumpFalse: view.getUint8(at + 3),
      k: view.getUint32(at + 4, true),
    });
  }
  return decoded;
}

/**
 * The filter as a function over (buf, off, capturedLength, wireLength). The caller guarantees that
 * `buf` holds `off + capturedLength` octets. Throws a usage error for a program that can't run here.
 */
export function makeFilter(program: BpfProgram): FrameFilter {
  const instructions = decodeProgram(program.instructions);
  const problem = checkProgram(instructions);
  if (problem !== null) throw filterCantRun(program.text, problem);
  try {
    const make = new Function(
      `const m = new Uint32Array(${BPF_MEMORY_WORDS}); return ${source(instructions)}`,
    );
    return make() as FrameFilter;
  } catch (error) {
    // Each jump target is one block deep; the parser gives up at some thousands of them.
    if (error instanceof RangeError) throw filterCantRun(program.text, "it is too long", error);
    throw error;
  }
}

function filterCantRun(text: string, why: string, cause?: unknown): RscapError {
  return usageError("filter.program", `The filter "${text}" can't run on files: ${why}. Simplify it.`, cause);
}

/** Why these instructions can't be run here, or null when they can: jumps go forward and end in a return. */
export function checkProgram(instructions: readonly BpfInstruction[]): string | null {
  const count = instructions.length;
  if (count === 0 || count > BPF_MAX_INSTRUCTIONS)
    return `it has ${count} instructions, 1 to 4096 are possible`;
  for (let i = 0; i < count; i++) {
    const instruction = instructions[i] as BpfInstruction;
    const problem = checkInstruction(instruction);
    if (problem !== null) return `instruction ${i} ${problem}`;
    const last = Math.max(...successors(instruction, i));
    if (last >= count) return `instruction ${i} leads beyond the end`;
  }
  return null;
}

function checkInstruction({ code, k }: BpfInstruction): string | null {
  const load = LOADS[code];
  if (load !== undefined && !load.indirect && k >= BPF_ANCILLARY_OFFSET) {
    return "asks for what only the kernel knows (VLAN tag, packet type, interface)";
  }
  if (statement({ code, jumpTrue: 0, jumpFalse: 0, k }, 0) === null) return `is unknown (code ${code})`;
  const memory = code === LD_MEMORY || code === LDX_MEMORY || code === ST || code === STX;
  return memory && k >= BPF_MEMORY_WORDS ? "leaves the scratch memory" : null;
}

/** Where the program may go on after instruction `i`; nowhere after a return. */
function successors({ code, jumpTrue, jumpFalse, k }: BpfInstruction, i: number): number[] {
  if (code === BPF_RET_K || code === BPF_RET_A) return [i];
  if (code === BPF_JA) return [i + 1 + k];
  if ((code & 0x07) === BPF_JMP) return [i + 1 + jumpTrue, i + 1 + jumpFalse];
  return [i + 1];
}

/**
 * The program as JavaScript. Jumps only go forward, so a target is the end of a labelled block that begins
 * at the top. Only numbers of a checked program enter the text.
 */
function source(instructions: readonly BpfInstruction[]): string {
  const targets = new Set<number>();
  instructions.forEach((instruction, i) => {
    if ((instruction.code & 0x07) !== BPF_JMP) return;
    for (const target of successors(instruction, i)) if (target > i + 1) targets.add(target);
  });
  const blocks = [...targets].sort((one, other) => other - one).map((target) => `t${target}: {`);
  const lines = instructions.map(
    (instruction, i) => `${targets.has(i) ? "} " : ""}${statement(instruction, i)}`,
  );
  return `(buf, off, length, wireLength) => {
let a = 0, x = 0, at = 0;
${instructions.some(({ code }) => code === LD_MEMORY || code === LDX_MEMORY) ? "m.fill(0);" : ""}
${blocks.join(" ")}
${lines.join("\n")}
}`;
}

function jump(i: number, distance: number): string {
  return distance === 0 ? "" : `break t${i + 1 + distance};`;
}

/** One instruction as a statement over A (a), X (x) and the scratch memory (m); null when it is unknown. */
function statement(instruction: BpfInstruction, i: number): string | null {
  const { code, jumpTrue, jumpFalse, k } = instruction;
  const load = LOADS[code];
  if (load !== undefined) return loadStatement(load.bytes, load.indirect, k);
  const operand = (code & BPF_X) === 0 ? String(k) : "x";
  const operation = code & 0xf0;
  if ((code & ~0xf8) === BPF_ALU) return ARITHMETIC[operation]?.replaceAll("$", operand) ?? null;
  if (code === BPF_JA) return jump(i, k);
  if ((code & ~0xf8) === BPF_JMP) {
    const condition = CONDITIONS[operation]?.replace("$", operand);
    if (condition === undefined) return null;
    return `if (${condition}) { ${jump(i, jumpTrue)} } else { ${jump(i, jumpFalse)} }`;
  }
  switch (code) {
    case BPF_RET_K:
      return `return ${k};`;
    case BPF_RET_A:
      return "return a;";
    case 0x00: // ld #k
      return `a = ${k};`;
    case LD_MEMORY:
      return `a = m[${k}];`;
    case 0x80: // ld #len
      return "a = wireLength;";
    case 0x01: // ldx #k
      return `x = ${k};`;
    case LDX_MEMORY:
      return `x = m[${k}];`;
    case 0x81: // ldx #len
      return "x = wireLength;";
    case 0xb1: // ldx 4*([k]&0xf)
      return `if (${k} >= length) return 0; x = (buf[off + ${k}] & 0xf) << 2;`;
    case ST:
      return `m[${k}] = a;`;
    case STX:
      return `m[${k}] = x;`;
    case 0x07: // tax
      return "x = a;";
    case 0x87: // txa
      return "a = x;";
    default:
      return null;
  }
}

function loadStatement(bytes: 1 | 2 | 4, indirect: boolean, k: number): string {
  // X + k is not taken modulo 2^32: beyond the frame is beyond the frame.
  const at = indirect ? `x + ${k}` : String(k);
  const check = `at = ${at}; if (at + ${bytes} > length) return 0; at += off;`;
  if (bytes === 1) return `${check} a = buf[at];`;
  if (bytes === 2) return `${check} a = (buf[at] << 8) | buf[at + 1];`;
  return `${check} a = ((buf[at] << 24) | (buf[at + 1] << 16) | (buf[at + 2] << 8) | buf[at + 3]) >>> 0;`;
}
