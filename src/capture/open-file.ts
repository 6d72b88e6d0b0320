import { u32, u32le } from "../bits/read.ts";
import { EXIT, inputError, RscapError, usageError } from "../report/error.ts";
import { type ByteWindow, FileWindow } from "./chunk.ts";
import { FileInput } from "./chunk-input.ts";
import { type Compression, InflateWindow } from "./compressed.ts";
import { isZstdMagic } from "./compressed-frames.ts";
import { foreignFormat } from "./open-file-foreign.ts";
import { PCAP_HEADER_OCTETS, PCAP_MAGIC_MODIFIED, PCAP_MAGIC_NS, PCAP_MAGIC_US, PcapParser } from "./pcap.ts";
import { BLOCK, PcapngParser } from "./pcapng.ts";
import { type FileSource, type RecordParser, SavefileSource } from "./savefile.ts";
import { FilterTable, type MakeFilter } from "./savefile-filter.ts";
import { TsFileParser } from "./tsfile.ts";
import { detectTsLayout, TS_DETECT_OCTETS } from "./tsfile-layout.ts";

/** How a file is to be read. */
export interface OpenFileOptions {
  /** Compiles the filter for a link type; without it everything passes. */
  readonly makeFilter?: MakeFilter;
  /** Word 0 becomes 1 when opening is to be given up: a pipe may bring nothing for ever. */
  readonly stop?: Int32Array;
}

/** Octets that settle a transport stream which starts on a packet: five packets of any length. */
const TS_QUICK_OCTETS = 6 * 204;
/** How long a pipe is waited for before the stop flag is looked at again. */
const WAIT_STEP_MS = 50;

/**
 * Opens a capture by its content, whatever its name: pcap, pcapng, a transport stream of 188, 192 or
 * 204-octet packets, and each of them compressed by gzip or Zstandard; `-` is standard input. A promise only
 * where something must be decompressed. Throws (or rejects with) an RscapError of exit 3 that says what is wrong.
 */
export function openFile(path: string, options: OpenFileOptions = {}): FileSource | Promise<FileSource> {
  const input = new FileInput(path);
  const window = new FileWindow(input);
  const opening = new Opening(input, window, options);
  try {
    for (;;) {
      const compression = compressionOf(window);
      if (compression !== null) return openCompressed(input, window, compression, options);
      const step = opening.step();
      if (typeof step !== "number") return step;
      window.fill(step, WAIT_STEP_MS);
      checkStop(path, options);
    }
  } catch (error) {
    window.close();
    throw error;
  }
}

async function openCompressed(
  input: FileInput,
  raw: FileWindow,
  compression: Compression,
  options: OpenFileOptions,
): Promise<FileSource> {
  const window = new InflateWindow(raw, input.name, compression);
  const opening = new Opening(input, window, options);
  try {
    for (;;) {
      const step = opening.step();
      if (typeof step !== "number") return step;
      await window.fill(step, WAIT_STEP_MS);
      checkStop(input.name, options);
    }
  } catch (error) {
    window.close();
    throw error;
  }
}

/** A file on its way to be opened, as its octets come. */
class Opening {
  readonly #input: FileInput;
  readonly #window: ByteWindow;
  readonly #options: OpenFileOptions;
  #parser: RecordParser | null = null;

  constructor(input: FileInput, window: ByteWindow, options: OpenFileOptions) {
    this.#input = input;
    this.#window = window;
    this.#options = options;
  }

  /** The source when it is ready, or how many octets the window must hold before it is. */
  step(): FileSource | number {
    if (this.#parser === null) {
      const found = recognise(this.#window, this.#input.name, this.#options);
      if (typeof found === "number") return found;
      this.#parser = found;
    }
    const parser = this.#parser;
    if (parser.prime?.(this.#window) === false && !this.#window.ended) return parser.need;
    return new SavefileSource(this.#input, this.#window, parser);
  }
}

function checkStop(path: string, options: OpenFileOptions): void {
  if (options.stop !== undefined && Atomics.load(options.stop, 0) !== 0) {
    throw new RscapError("stopped", EXIT.interrupted, `${path}: stopped before its first packet came.`);
  }
}

function compressionOf(window: ByteWindow): Compression | null {
  const { buf, start, end } = window;
  if (end - start < 4) return null;
  if (isZstdMagic(u32le(buf, start))) return "zstd";
  // RFC 1952, 2.3.1: identification and the only compression method there is.
  return u32(buf, start) >>> 8 === 0x1f8b08 ? "gzip" : null;
}

/** The parser for the content that `window` begins with, or how many octets it takes to tell. */
function recognise(window: ByteWindow, path: string, options: OpenFileOptions): RecordParser | number {
  const { buf, start, end, ended } = window;
  const have = end - start;
  if (ended && have === 0) {
    throw window.fault ?? inputError("file-empty", `${path}: expected a capture, found an empty file.`);
  }
  if (have < 4 && !ended) return 4;
  const magic = have < 4 ? 0 : u32le(buf, start);
  const swapped = have < 4 ? 0 : u32(buf, start);
  if (isPcap(magic) || isPcap(swapped)) {
    if (have < PCAP_HEADER_OCTETS && !ended) return PCAP_HEADER_OCTETS;
    return pcap(window, path, options);
  }
  if (magic === PCAP_MAGIC_MODIFIED || swapped === PCAP_MAGIC_MODIFIED) {
    throw inputError(
      "pcap-modified",
      `${path}: this is the "modified" pcap format of libpcap 0.4's time (magic a1b2cd34), which is not read ` +
        "here. Convert it first: editcap -F pcap IN OUT.",
    );
  }
  if (magic === BLOCK.sectionHeader) return new PcapngParser(new FilterTable(options.makeFilter));
  return transportStream(window, path, options, have >= TS_DETECT_OCTETS || ended);
}

function isPcap(magic: number): boolean {
  return magic === PCAP_MAGIC_US || magic === PCAP_MAGIC_NS;
}

function pcap(window: ByteWindow, path: string, options: OpenFileOptions): RecordParser {
  const have = window.end - window.start;
  if (have < PCAP_HEADER_OCTETS) {
    throw (
      window.fault ??
      inputError(
        "file-truncated",
        `${path}: truncated: expected a pcap file header of ${PCAP_HEADER_OCTETS} octets, found ${have}.`,
      )
    );
  }
  const parser = new PcapParser(window.buf, window.start, new FilterTable(options.makeFilter));
  window.start += PCAP_HEADER_OCTETS;
  return parser;
}

function transportStream(
  window: ByteWindow,
  path: string,
  options: OpenFileOptions,
  all: boolean,
): RecordParser | number {
  const { buf, start, end } = window;
  if (!all && end - start < TS_QUICK_OCTETS) return TS_QUICK_OCTETS;
  const layout = detectTsLayout(buf, start, end);
  if (layout === null || (layout.first > 0 && !all)) {
    if (!all) return TS_DETECT_OCTETS;
    if (window.fault !== null) throw window.fault;
    throw inputError("file-unknown", `${path}: ${foreignFormat(buf, start, end)}`);
  }
  if (options.makeFilter !== undefined) {
    throw usageError(
      "filter-on-ts",
      `${path}: --filter chooses network packets, and this file holds transport stream packets without any ` +
        "network headers. Leave --filter (FILTER) out for it.",
    );
  }
  return new TsFileParser(layout);
}
