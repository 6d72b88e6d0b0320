import { readFileSync } from "node:fs";
import { u16le, u32, u32le } from "../../src/bits/read.ts";

/** One frame of a savefile, its octets at `buf[off, off + captured)`. */
export interface FrameRecord {
  readonly off: number;
  readonly captured: number;
  readonly wire: number;
  readonly linkType: number;
}

/**
 * The frames of a well-formed savefile: pcap, or pcapng of one little-endian section with enhanced packet blocks.
 * Plain on purpose, and apart from the reader of the program, so that the two can be told apart when a test fails.
 */
export function frameRecords(path: string): { buf: Uint8Array; frames: FrameRecord[] } {
  const buf = new Uint8Array(readFileSync(path));
  return { buf, frames: u32(buf, 0) === 0x0a0d0d0a ? pcapng(buf) : pcap(buf) };
}

function pcap(buf: Uint8Array): FrameRecord[] {
  const magic = u32(buf, 0);
  const read = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d ? u32 : u32le;
  const linkType = read(buf, 20) & 0xffff;
  const frames: FrameRecord[] = [];
  for (let at = 24; at < buf.length; ) {
    const captured = read(buf, at + 8);
    frames.push({ off: at + 16, captured, wire: read(buf, at + 12), linkType });
    at += 16 + captured;
  }
  return frames;
}

function pcapng(buf: Uint8Array): FrameRecord[] {
  const linkTypes: number[] = [];
  const frames: FrameRecord[] = [];
  for (let at = 0; at < buf.length; at += u32le(buf, at + 4)) {
    const type = u32le(buf, at);
    if (type === 1) linkTypes.push(u16le(buf, at + 8));
    if (type !== 6) continue;
    const linkType = linkTypes[u32le(buf, at + 8)] as number;
    frames.push({ off: at + 28, captured: u32le(buf, at + 20), wire: u32le(buf, at + 24), linkType });
  }
  return frames;
}
