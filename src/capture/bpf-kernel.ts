/** Compiled filters made ready for the kernel: the snap length, and sockets without a link header. */
import { BPF_INSTRUCTION_BYTES } from "./bpf.ts";

const CLASS_MASK = 0x07;
const CLASS_LD = 0x00;
const CLASS_LDX = 0x01;
const MODE_MASK = 0xe0;
const MODE_ABS = 0x20;
const MODE_IND = 0x40;
const MODE_MSH = 0xa0;
const RET_K = 0x06;

/** linux/filter.h: loads of what is not in the frame. */
const SKF_AD_OFF = 0xfffff000;
const SKF_AD_PROTOCOL = 0;
const SKF_AD_PKTTYPE = 4;
const NEGATIVE = 0x80000000;

/** LINKTYPE_LINUX_SLL: octets of its header, and where the packet type and the protocol stand in it. */
const SLL_BYTES = 16;
const SLL_PACKET_TYPE = 0;
const SLL_PROTOCOL = 14;

/** A program of one instruction: keep `snaplen` octets of every frame. */
export function acceptAll(snaplen: number): Uint8Array {
  const program = new Uint8Array(BPF_INSTRUCTION_BYTES);
  const view = new DataView(program.buffer);
  view.setUint16(0, RET_K, true);
  view.setUint32(4, snaplen, true);
  return program;
}

/** The program with `snaplen` octets kept of each frame it accepts. */
export function withSnaplen(instructions: Uint8Array, snaplen: number): Uint8Array {
  const program = instructions.slice();
  const view = new DataView(program.buffer);
  for (let at = 0; at < program.length; at += BPF_INSTRUCTION_BYTES) {
    if (view.getUint16(at, true) === RET_K && view.getUint32(at + 4, true) !== 0) {
      view.setUint32(at + 4, snaplen, true);
    }
  }
  return program;
}

/**
 * A program for LINKTYPE_LINUX_SLL frames, for a cooked socket, where the filter sees the frame from the network header
 * on. Null when it looks at a part of the SLL header that the kernel doesn't tell a filter.
 */
export function forCookedSocket(instructions: Uint8Array): Uint8Array | null {
  const program = instructions.slice();
  const view = new DataView(program.buffer);
  for (let at = 0; at < program.length; at += BPF_INSTRUCTION_BYTES) {
    const code = view.getUint16(at, true);
    const k = view.getUint32(at + 4, true);
    if (!loadsFromFrame(code) || k >= NEGATIVE) continue;
    if (k >= SLL_BYTES) view.setUint32(at + 4, k - SLL_BYTES, true);
    else if (k === SLL_PROTOCOL) view.setUint32(at + 4, SKF_AD_OFF + SKF_AD_PROTOCOL, true);
    else if (k === SLL_PACKET_TYPE) view.setUint32(at + 4, SKF_AD_OFF + SKF_AD_PKTTYPE, true);
    else return null;
  }
  return program;
}

function loadsFromFrame(code: number): boolean {
  const kind = code & CLASS_MASK;
  const mode = code & MODE_MASK;
  if (kind === CLASS_LD) return mode === MODE_ABS || mode === MODE_IND;
  return kind === CLASS_LDX && mode === MODE_MSH;
}
