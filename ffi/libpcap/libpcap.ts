/**
 * libpcap, wrapped: filters compiled to instructions, live handles, and the reference filter for tests.
 * Nothing here throws for the network or the environment: results are libpcap's, with its own words.
 */
import { libc, type NumberCalls } from "../libc/libc.ts";
import { openLibrary } from "../load.ts";
import { addressOf, alloc, cString, OutPointer, readCString, viewAt } from "../memory.ts";
import * as P from "./constants.ts";
import { LIBPCAP_SYMBOLS } from "./symbols.ts";

type Calls = NumberCalls<typeof LIBPCAP_SYMBOLS>;

let loaded: Calls | undefined;

function pcap(): Calls {
  loaded ??= openLibrary("libpcap", LIBPCAP_SYMBOLS).symbols as unknown as Calls;
  return loaded;
}

/** Octets of one `struct bpf_insn`: u16 code, u8 jt, u8 jf, u32 k. */
export const BPF_INSN_BYTES = 8;

/** What a call of libpcap came to: 0, or its error or warning number with its words. */
export interface PcapResult {
  readonly status: number;
  readonly text: string;
}

/** A compiled filter, or why it did not compile, in libpcap's words. */
export type Compiled =
  | { readonly ok: true; readonly program: Uint8Array }
  | { readonly ok: false; readonly text: string };

/** What libpcap calls raw IP on Linux; savefiles have 101 for it, and 14 from other systems. */
const DLT_RAW = 12;
const LINKTYPE_RAW = 101;

/** Version line of the library, e.g. `libpcap version 1.10.3 (with TPACKET_V3)`. */
export function libpcapVersion(): string {
  return String(pcap().pcap_lib_version());
}

/** Compiles `text` for frames of `linkType` as they stand in files: every octet of the frame is in it. */
export function compileForFiles(text: string, linkType: number, snaplen: number): Compiled {
  const dlt = linkType === LINKTYPE_RAW || linkType === 14 ? DLT_RAW : linkType;
  const handle = pcap().pcap_open_dead_with_tstamp_precision(dlt, snaplen, P.PCAP_TSTAMP_PRECISION_NANO);
  if (handle === 0) return { ok: false, text: "out of memory" };
  try {
    return compileOn(handle, text);
  } finally {
    pcap().pcap_close(handle);
  }
}

function compileOn(handle: number, text: string): Compiled {
  // struct bpf_program: u_int bf_len, padding, struct bpf_insn *bf_insns.
  const program = alloc(16);
  const view = new DataView(program.buffer);
  const source = cString(text);
  const status = pcap().pcap_compile(
    handle,
    addressOf(program),
    addressOf(source),
    1,
    P.PCAP_NETMASK_UNKNOWN,
  );
  if (status !== 0) return { ok: false, text: readCString(pcap().pcap_geterr(handle)) };
  const bytes = view.getUint32(0, true) * BPF_INSN_BYTES;
  const instructions = alloc(bytes);
  instructions.set(viewAt(Number(view.getBigUint64(8, true)), bytes));
  pcap().pcap_freecode(addressOf(program));
  return { ok: true, program: instructions };
}

function asBpfProgram(instructions: Uint8Array): { struct: Uint8Array; copy: Uint8Array } {
  const copy = alloc(instructions.length);
  copy.set(instructions);
  const struct = alloc(16);
  const view = new DataView(struct.buffer);
  view.setUint32(0, instructions.length / BPF_INSN_BYTES, true);
  view.setBigUint64(8, BigInt(addressOf(copy)), true);
  return { struct, copy };
}

/**
 * libpcap's own evaluator on one frame, for tests: what pcap_offline_filter returns (0 rejects).
 */
export function offlineFilter(instructions: Uint8Array, frame: Uint8Array, wireLength: number): number {
  const { struct, copy } = asBpfProgram(instructions);
  const header = alloc(24);
  const view = new DataView(header.buffer);
  view.setUint32(16, frame.length, true);
  view.setUint32(20, wireLength, true);
  const octets = alloc(frame.length);
  octets.set(frame);
  const accepted = pcap().pcap_offline_filter(addressOf(struct), addressOf(header), addressOf(octets));
  // `copy` is only named in native memory: keep it referenced until the call is over.
  return copy.length === 0 ? 0 : accepted >>> 0;
}

/** How to open a live handle. */
export interface LiveHandleOptions {
  readonly snaplen: number;
  readonly promiscuous: boolean;
  /** Octets of libpcap's own ring. */
  readonly bufferBytes: number;
  /** How long libpcap may hold back a packet, milliseconds. */
  readonly timeoutMs: number;
  /** Ask for the adapter's clock. */
  readonly hardwareTimestamps: boolean;
}

/** One live capture by libpcap. */
export class LiveHandle {
  readonly #handle: number;
  readonly #calls = pcap();
  readonly #memcpy = libc().memcpy;
  readonly #header = new OutPointer();
  readonly #data = new OutPointer();
  readonly #stats = alloc(12);
  #packetHeader: DataView = new DataView(new ArrayBuffer(24));
  #packetHeaderAddress = 0;
  /** False once `close` was called. */
  open = true;
  /** True when the adapter's clock was asked for and the device has it. */
  hardwareTimestamps = false;
  /** True when times are in nanoseconds, else in microseconds. */
  nanoseconds = false;
  /** Seconds, fraction, captured and wire length of the frame that `nextInto` gave last. */
  seconds = 0;
  fraction = 0;
  capturedLength = 0;
  wireLength = 0;

  constructor(handle: number) {
    this.#handle = handle;
  }

  /** Starts the capture; a status below zero means that it did not start. */
  activate(options: LiveHandleOptions): PcapResult {
    const { pcap_set_snaplen, pcap_set_promisc, pcap_set_timeout, pcap_set_buffer_size } = this.#calls;
    const handle = this.#handle;
    pcap_set_snaplen(handle, options.snaplen);
    pcap_set_promisc(handle, options.promiscuous ? 1 : 0);
    pcap_set_timeout(handle, Math.max(1, options.timeoutMs));
    pcap_set_buffer_size(handle, options.bufferBytes);
    this.#calls.pcap_set_tstamp_precision(handle, P.PCAP_TSTAMP_PRECISION_NANO);
    if (options.hardwareTimestamps) {
      this.hardwareTimestamps =
        this.#calls.pcap_set_tstamp_type(handle, P.PCAP_TSTAMP_ADAPTER) === 0 ||
        this.#calls.pcap_set_tstamp_type(handle, P.PCAP_TSTAMP_ADAPTER_UNSYNCED) === 0;
    }
    const status = this.#calls.pcap_activate(handle);
    if (status < 0) return { status, text: this.#words(status) };
    const errors = alloc(P.PCAP_ERRBUF_SIZE);
    if (this.#calls.pcap_setnonblock(handle, 1, addressOf(errors)) !== 0) {
      return { status: P.PCAP_ERROR, text: readCString(addressOf(errors)) };
    }
    this.nanoseconds = this.#calls.pcap_get_tstamp_precision(handle) === P.PCAP_TSTAMP_PRECISION_NANO;
    return { status, text: status === 0 ? "" : this.#words(status) };
  }

  #words(status: number): string {
    const generic = readCString(this.#calls.pcap_statustostr(status));
    const detail = readCString(this.#calls.pcap_geterr(this.#handle));
    if (status === P.PCAP_ERROR) return detail;
    return detail === "" ? generic : `${generic} (${detail})`;
  }

  /** The descriptor to poll, or -1. */
  get selectableFd(): number {
    return this.#calls.pcap_get_selectable_fd(this.#handle);
  }

  /** LINKTYPE_ of the frames. */
  get linkType(): number {
    const dlt = this.#calls.pcap_datalink(this.#handle);
    return dlt === DLT_RAW ? LINKTYPE_RAW : dlt;
  }

  /** Compiles for this handle: knows that the kernel takes VLAN tags out of the frame. */
  compile(text: string): Compiled {
    return compileOn(this.#handle, text);
  }

  /** Puts a compiled filter to work. */
  setFilter(instructions: Uint8Array): PcapResult {
    const { struct, copy } = asBpfProgram(instructions);
    const status = this.#calls.pcap_setfilter(this.#handle, addressOf(struct));
    return { status, text: status === 0 || copy.length === 0 ? "" : this.lastError };
  }

  /**
   * Copies the next frame to `address`, `room` octets of it at most, and sets the fields. 1 for a frame, 0 when none waits, below zero for an error (see `lastError`).
   */
  nextInto(address: number, room: number): number {
    const status = this.#calls.pcap_next_ex(this.#handle, this.#header.address, this.#data.address);
    if (status !== 1) return status;
    const at = this.#header.value;
    // The header stands in the handle itself, so this view is made once.
    if (at !== this.#packetHeaderAddress) {
      this.#packetHeader = new DataView(viewAt(at, 24).buffer);
      this.#packetHeaderAddress = at;
    }
    const header = this.#packetHeader;
    this.seconds = header.getUint32(0, true) + header.getInt32(4, true) * 2 ** 32;
    this.fraction = header.getUint32(8, true);
    this.capturedLength = Math.min(header.getUint32(16, true), room);
    this.wireLength = header.getUint32(20, true);
    this.#memcpy(address, this.#data.value, this.capturedLength);
    return 1;
  }

  /** libpcap's words for the last error on this handle. */
  get lastError(): string {
    return readCString(this.#calls.pcap_geterr(this.#handle));
  }

  /** Frames dropped for want of room, since the start. */
  dropped(): number {
    // struct pcap_stat: u_int ps_recv, ps_drop, ps_ifdrop.
    if (this.#calls.pcap_stats(this.#handle, addressOf(this.#stats)) !== 0) return 0;
    return new DataView(this.#stats.buffer).getUint32(4, true);
  }

  /** Ends the capture; later calls do nothing. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.#calls.pcap_close(this.#handle);
  }
}

/** A handle for `device`, not started yet; null with libpcap's words when it can't be made. */
export function createLive(device: string): { handle: LiveHandle | null; text: string } {
  const errors = alloc(P.PCAP_ERRBUF_SIZE);
  const name = cString(device);
  const handle = pcap().pcap_create(addressOf(name), addressOf(errors));
  return handle === 0
    ? { handle: null, text: readCString(addressOf(errors)) }
    : { handle: new LiveHandle(handle), text: "" };
}
