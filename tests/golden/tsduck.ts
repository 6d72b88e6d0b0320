/** What TSDuck wrote about the shared streams, read from its reports: no figure of theirs is typed in. */

/** What a reference tells of a PID; what it does not tell is not there. */
export interface PidReference {
  packets: number;
  discontinuities: number;
  duplicates: number;
  pcrs: number;
  pts: number;
  dts: number;
  /** Discontinuities that are signalled. */
  expected?: number;
  /** Number of scrambled packets, or only whether there are any. */
  scrambled: number | boolean;
  /** Bits per second, rounded; 0 where it is not known. */
  bitrate: number;
  /** What the PID carries, in TSDuck's words. */
  description: string;
}

/** What a reference tells of a service. */
export interface ServiceReference {
  program: number;
  name: string | null;
  provider: string | null;
  pmtPid: number;
  pcrPid: number | null;
  /** Bits per second, rounded; 0 where it is not known. */
  bitrate: number;
}

/** One analysis of one stream. */
export interface Reference {
  packets: number;
  transportErrors: number;
  /** Bits per second by the PCRs; null where there are none. */
  bitrate: number | null;
  pids: Map<number, PidReference>;
  services: ServiceReference[];
}

/** A number with commas between its thousands; 0 for none. */
export const number = (text: string | undefined): number => Number((text ?? "").replaceAll(",", ""));

const known = (text: string | undefined): string | null =>
  text === undefined || text === "(unknown)" ? null : text;

/** `tsanalyze`'s tables. */
export function readTables(text: string): Reference {
  const pids = new Map<number, PidReference>();
  const [, servicePart = "", pidPart = ""] = text.split(
    /(?:SERVICES|PIDS|TABLES & SECTIONS) ANALYSIS REPORT/,
  );
  const usages = new Map(
    [...servicePart.matchAll(/^\| {2}0x([0-9A-F]{4}) {2}(.*?)(?: \.+)? +[CS]\+? +/gm)].map(
      ([, pid, usage]) => [Number.parseInt(pid ?? "", 16), usage ?? ""] as const,
    ),
  );
  for (const block of pidPart.split(/(?=\|\s+PID: 0x)/).slice(1)) {
    const field = (name: string) => number(new RegExp(`${name}:? ?\\.* ([\\d,]+)`).exec(block)?.[1]);
    const pid = number(/PID: 0x[0-9A-F]+ \((\d+)\)/.exec(block)?.[1]);
    pids.set(pid, {
      packets: field("Packets:"),
      discontinuities: field("Unexpect:"),
      expected: field("Expected:"),
      duplicates: field("Duplicated:"),
      scrambled: /Access: \.+ Scrambled/.test(block),
      pcrs: field(" PCR:"),
      pts: field(" PTS:"),
      dts: field(" DTS:"),
      bitrate: field("Bitrate:"),
      description: usages.get(pid) ?? "",
    });
  }
  const services = servicePart
    .split(/(?=\| {2}Service: 0x)/)
    .slice(1)
    .map((block): ServiceReference => {
      const hex = (pattern: RegExp): number | null => {
        const digits = pattern.exec(block)?.[1];
        return digits === undefined ? null : Number.parseInt(digits, 16);
      };
      const names = /Service name: (.*), provider: (.*?)\s*\|/.exec(block);
      return {
        program: hex(/Service: 0x([0-9A-F]+)/) ?? -1,
        name: known(names?.[1]),
        provider: known(names?.[2]),
        pmtPid: hex(/PMT PID: 0x([0-9A-F]+)/) ?? -1,
        pcrPid: hex(/PCR PID: 0x([0-9A-F]+)/),
        bitrate: number(/^\| {3}Total .* ([\d,]+) b\/s/m.exec(block)?.[1]),
      };
    });
  return {
    packets: number(/TS packets: \.* ([\d,]+)/.exec(text)?.[1]),
    transportErrors: number(/With transport error: \.* ([\d,]+)/.exec(text)?.[1]),
    bitrate: number(/Estimated based on PCR's: \.* ([\d,]+) b\/s/.exec(text)?.[1]) || null,
    pids,
    services,
  };
}

/** `tsanalyze --normalized`. */
export function readNormalized(text: string): Reference {
  const fields = (line: string) =>
    new Map(line.split(":").map((part) => part.split("=", 2) as [string, string]));
  const pids = new Map<number, PidReference>();
  const services: ServiceReference[] = [];
  let whole = new Map<string, string>();
  for (const line of text.split("\n")) {
    const of = fields(line);
    const count = (name: string): number => number(of.get(name));
    if (line.startsWith("ts:")) whole = of;
    if (line.startsWith("service:")) {
      services.push({
        program: count("id"),
        name: known(of.get("name")),
        provider: known(of.get("provider")),
        pmtPid: count("pmtpid"),
        pcrPid: of.has("pcrpid") ? count("pcrpid") : null,
        bitrate: count("bitrate"),
      });
    }
    if (!line.startsWith("pid:")) continue;
    pids.set(count("pid"), {
      packets: count("packets"),
      discontinuities: count("discontinuities"),
      duplicates: count("duplicated"),
      scrambled: count("scrambled"),
      pcrs: count("pcr"),
      pts: count("pts"),
      dts: count("dts"),
      bitrate: count("bitrate"),
      description: line.slice(line.indexOf(":description=") + ":description=".length),
    });
  }
  return {
    packets: number(whole.get("packets")),
    transportErrors: number(whole.get("transporterrors")),
    bitrate: number(whole.get("pcrbitrate")) || null,
    pids,
    services,
  };
}

interface AnalyzeJson {
  ts: { packets: { total: number; "transport-errors": number }; "pcr-bitrate": number };
  pids: {
    id: number;
    bitrate: number;
    description: string;
    packets: Record<"total" | "discontinuities" | "duplicated" | "scrambled" | "pcr" | "pts" | "dts", number>;
  }[];
  services: {
    id: number;
    name: string;
    provider: string;
    bitrate: number;
    "pmt-pid": number;
    "pcr-pid"?: number;
  }[];
}

/** `tsp -P analyze --json`. */
export function readJson(text: string): Reference {
  const json = JSON.parse(text) as AnalyzeJson;
  return {
    packets: json.ts.packets.total,
    transportErrors: json.ts.packets["transport-errors"],
    bitrate: json.ts["pcr-bitrate"] || null,
    pids: new Map(
      json.pids.map(({ id, packets, bitrate, description }) => [
        id,
        {
          packets: packets.total,
          discontinuities: packets.discontinuities,
          duplicates: packets.duplicated,
          scrambled: packets.scrambled,
          pcrs: packets.pcr,
          pts: packets.pts,
          dts: packets.dts,
          bitrate,
          description,
        },
      ]),
    ),
    services: json.services.map((service) => ({
      program: service.id,
      name: known(service.name),
      provider: known(service.provider),
      pmtPid: service["pmt-pid"],
      pcrPid: service["pcr-pid"] ?? null,
      bitrate: service.bitrate,
    })),
  };
}

/** Each kind of analysis by the end of its file's name. */
export const READERS = [
  [".analyze.txt", readTables],
  [".tsanalyze.norm.txt", readNormalized],
  [".tsp.analyze.json", readJson],
] as const;
