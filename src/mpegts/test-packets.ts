/** Packets and listeners for the tests of this room. */
import type { PacketOutput } from "../report/output.ts";
import { TsAnalyser, type TsAnalyserOptions } from "./analyser.ts";
import { NULL_PID } from "./packet.ts";

/** What `tsPacket` puts into a packet; all optional. */
export interface PacketFields {
  pid?: number;
  cc?: number;
  /** adaptation_field_control; payload only by default. */
  control?: number;
  /** adaptation_field_length, where `control` says there is such a field; what fits by default. */
  fieldLength?: number;
  flags?: number;
  /** 27 MHz; sets PCR_flag. */
  pcr?: number;
  scrambling?: number;
  transportError?: boolean;
  sync?: number;
  /** Fills the rest of the packet. */
  fill?: number;
}

/** One packet of 188 octets. */
export function tsPacket(fields: PacketFields = {}): Uint8Array {
  const { pid = 0x100, cc = 0, control = fields.pcr === undefined ? 1 : 3 } = fields;
  const packet = new Uint8Array(188).fill(fields.fill ?? 0xaa);
  packet[0] = fields.sync ?? 0x47;
  packet[1] = (pid >> 8) | (fields.transportError ? 0x80 : 0);
  packet[2] = pid & 0xff;
  packet[3] = ((fields.scrambling ?? 0) << 6) | (control << 4) | cc;
  if ((control & 2) === 0) return packet;
  packet[4] = fields.fieldLength ?? (control === 2 ? 183 : 7);
  packet[5] = (fields.flags ?? 0) | (fields.pcr === undefined ? 0 : 0x10);
  if (fields.pcr !== undefined) packet.set(pcrField(fields.pcr), 6);
  return packet;
}

/** The 48 bits of a PCR. */
export function pcrField(pcr: number): Uint8Array {
  const base = Math.floor(pcr / 300);
  const extension = pcr % 300;
  const low = base % 2 ** 25;
  return Uint8Array.of(
    Math.floor(base / 2 ** 25),
    (low >> 17) & 0xff,
    (low >> 9) & 0xff,
    (low >> 1) & 0xff,
    ((low & 1) << 7) | 0x7e | (extension >> 8),
    extension & 0xff,
  );
}

/** `count` packets of one PID whose counters go on from `cc`. */
export function tsPackets(count: number, fields: PacketFields = {}): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => tsPacket({ ...fields, cc: ((fields.cc ?? 0) + i) & 0x0f }));
}

/** A null packet. */
export function nullPacket(): Uint8Array {
  return tsPacket({ pid: NULL_PID, fill: 0xff });
}

/** Octets end to end. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Keeps what is passed as a publisher does: by place, copied out only at `bufferEnd`. So a packet whose memory
 * was reused too early shows.
 */
export class KeepingOutput implements PacketOutput {
  readonly runs: { len: number; datagrams: number; timeNs: number }[] = [];
  readonly #pending: Uint8Array[] = [];
  readonly #kept: Uint8Array[] = [];

  open(): void {}

  packets(
    _stream: number,
    buf: Uint8Array,
    off: number,
    len: number,
    timeNs: number,
    datagrams: number,
  ): void {
    this.runs.push({ len, datagrams, timeNs });
    this.#pending.push(buf.subarray(off, off + len));
  }

  bufferEnd(): void {
    for (const run of this.#pending) this.#kept.push(run.slice());
    this.#pending.length = 0;
  }

  close(): void {}

  /** All octets passed so far. */
  octets(): Uint8Array {
    this.bufferEnd();
    return joined(...this.#kept);
  }
}

/** A continuity error as the listener was told. */
export type ToldError = [packet: number, pid: number, kind: string, missing: number];

/** An analyser with an output that keeps, and the continuity errors it told of. */
export function analyse(options: Partial<TsAnalyserOptions> = {}): {
  ts: TsAnalyser;
  output: KeepingOutput;
  errors: ToldError[];
} {
  const output = new KeepingOutput();
  const errors: ToldError[] = [];
  const ts = new TsAnalyser({
    stream: 0,
    output,
    passIllegal: false,
    dropNull: false,
    release: () => output.bufferEnd(),
    clock: "arrival",
    onContinuity: (...told) => errors.push(told),
    ...options,
  });
  return { ts, output, errors };
}

/** Gives `parts` as datagrams, 1 ms apart from `fromMs`. */
export function sendDatagrams(ts: TsAnalyser, parts: readonly Uint8Array[], fromMs = 0): void {
  parts.forEach((part, i) => {
    ts.datagram(part, 0, part.length, (fromMs + i) * 1e6);
  });
}
