import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { PID_ROLE } from "../../src/mpegts/psi/pid-roles.ts";
import { type PsiRun, runPsi } from "../helpers/psi-run.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

/** What both sides say of a service. */
interface ServiceFacts {
  program: number;
  pmtPid: number;
  pcrPid: number | null;
  name: string | null;
  provider: string | null;
  pids: number[];
}

const known = (text: string): string | null => (text === "(unknown)" ? null : text);

function ourServices({ map }: PsiRun): ServiceFacts[] {
  return map.services().map(({ program, pmtPid, pcrPid, name, provider, pids }) => ({
    program,
    pmtPid,
    pcrPid,
    name,
    provider,
    pids: [...pids],
  }));
}

/** What `pid` is, in the words of the reference; without what it adds from the content of the stream. */
function ourDescription({ map }: PsiRun, pid: number): string {
  const role = map.roleOf(pid);
  const [component] = map.componentsOf(pid);
  if (component !== undefined) {
    const { codec, languages } = component;
    if (codec.kind === "subtitle")
      return `${codec.id === "teletext" ? "teletext" : "subtitles"} (${languages[0]}`;
    const language = languages[0] === undefined ? "" : ` (${languages[0]}`;
    const name = codec.kind === "audio" && !/audio/i.test(codec.name) ? `${codec.name} audio` : codec.name;
    return `${name.toLowerCase()}${language}`;
  }
  if ((role & PID_ROLE.pmt) !== 0) return "pmt";
  if ((role & PID_ROLE.ecm) !== 0) return "ecm";
  if ((role & PID_ROLE.emm) !== 0) return "emm";
  if ((role & PID_ROLE.pcr) !== 0) return "pcr";
  if ((role & PID_ROLE.null) !== 0) return "stuffing";
  const wellKnown = new Map([
    [0x00, "pat"],
    [0x01, "cat"],
    [0x10, "nit"],
    [0x11, "sdt/bat"],
    [0x12, "eit"],
    [0x14, "tdt/tot"],
    [0x1f, "sit"],
  ]);
  return wellKnown.get(pid) ?? (role === 0 ? "unreferenced" : "si");
}

/** The reference's description cut down to what the tables alone can tell. */
function shortened(description: string): string {
  const text = description.toLowerCase();
  const ca = /\b(ecm|emm)\b/.exec(text)?.[1];
  if (ca !== undefined) return ca;
  if (text.startsWith("pcr (")) return "pcr";
  const [, name = "", rest = ""] = /^([^(]*?)\s*(?:\((.*))?$/.exec(text) ?? [];
  const language = /^([a-z]{3})\b/.exec(rest)?.[1];
  return language === undefined ? name : `${name} (${language}`;
}

/** `key=value` fields of one line of a normalized analysis. */
function normalized(line: string): Map<string, string> {
  const fields = line.split(":").map((field) => field.split("="));
  return new Map(fields.map(([key = "", text = ""]) => [key, text]));
}

describe("services and PIDs equal to TSDuck's normalized analysis", () => {
  for (const stream of ["012", "025", "072", "139"]) {
    const ts = `ts/tsduck-${stream}.ts`;
    const analysis = `ts/tsduck-${stream}.tsanalyze.norm.txt`;
    testWith([needsShared(ts), needsShared(analysis)], `tsduck-${stream}`, () => {
      const run = runPsi(String(sharedData(ts)));
      const lines = readFileSync(String(sharedData(analysis)), "utf8").split("\n");
      const services: ServiceFacts[] = [];
      let pids = 0;
      for (const line of lines) {
        const fields = normalized(line);
        const number = (key: string) => Number(fields.get(key));
        if (line.startsWith("ts:")) expect(run.map.transportStreamId).toBe(number("id"));
        if (line.startsWith("service:")) {
          services.push({
            program: number("id"),
            pmtPid: number("pmtpid"),
            pcrPid: fields.has("pcrpid") ? number("pcrpid") : null,
            name: known(fields.get("name") ?? ""),
            provider: known(fields.get("provider") ?? ""),
            pids: String(fields.get("pidlist")).split(",").map(Number),
          });
        }
        if (!line.startsWith("pid:")) continue;
        const pid = number("pid");
        pids += 1;
        const type = fields.has("video") ? "video" : fields.has("audio") ? "audio" : null;
        const [component] = run.map.componentsOf(pid);
        if (type !== null) expect([pid, run.map.typeOf(pid)]).toEqual([pid, type]);
        expect((run.map.roleOf(pid) & PID_ROLE.pmt) !== 0).toBe(fields.has("pmt"));
        expect(component?.languages[0]).toBe(fields.get("language"));
        const description = line.slice(line.indexOf(":description=") + 13);
        expect([pid, ourDescription(run, pid)]).toEqual([pid, shortened(description)]);
        expect(run.packets.get(pid) ?? 0).toBe(number("packets"));
        const users = run.map.programsOf(pid);
        expect(users).toEqual(
          fields.has("servlist") ? String(fields.get("servlist")).split(",").map(Number) : [],
        );
      }
      expect(ourServices(run)).toEqual(services);
      expect(pids).toBeGreaterThan(3);
      expect([run.crcErrors, run.malformed]).toEqual([0, 0]);
    });
  }
});

/** The services of an analysis as text, and the description of each PID in its lists. */
function readAnalysis(text: string): { services: ServiceFacts[]; descriptions: Map<number, string> } {
  const section = text.slice(text.indexOf("SERVICES ANALYSIS REPORT"), text.indexOf("PIDS ANALYSIS REPORT"));
  const services: ServiceFacts[] = [];
  const descriptions = new Map<number, string>();
  let service: ServiceFacts | null = null;
  for (const line of section.split("\n")) {
    const start = /^\| {2}Service: 0x([0-9A-F]+)/.exec(line);
    if (start !== null) {
      const program = Number.parseInt(String(start[1]), 16);
      service = { program, pmtPid: 0, pcrPid: null, name: null, provider: null, pids: [] };
      services.push(service);
    }
    const names = /Service name: (.*), provider: (.*?)\s*\|$/.exec(line);
    if (names !== null && service !== null) {
      service.name = known(String(names[1]));
      service.provider = known(String(names[2]));
    }
    const map = /PMT PID: 0x([0-9A-F]+) .*PCR PID: (?:0x([0-9A-F]+)|None)/.exec(line);
    if (map !== null && service !== null) {
      service.pmtPid = Number.parseInt(String(map[1]), 16);
      service.pcrPid = map[2] === undefined ? null : Number.parseInt(map[2], 16);
    }
    const pid = /^\| {2}0x([0-9A-F]{4}) {2}(.*?)(?: \.+)? +[CS]\+? +/.exec(line);
    if (pid === null) continue;
    const number = Number.parseInt(String(pid[1]), 16);
    service?.pids.push(number);
    descriptions.set(number, String(pid[2]));
  }
  return { services, descriptions };
}

describe("services and PIDs equal to TSDuck's analysis as text", () => {
  for (const stream of ["008", "009", "026", "030", "035"]) {
    const ts = `ts/tsduck-${stream}.ts`;
    const analysis = `ts/tsduck-${stream}.analyze.txt`;
    testWith([needsShared(ts), needsShared(analysis)], `tsduck-${stream}`, () => {
      const run = runPsi(String(sharedData(ts)));
      const { services, descriptions } = readAnalysis(readFileSync(String(sharedData(analysis)), "utf8"));
      expect(ourServices(run)).toEqual(services);
      for (const [pid, description] of descriptions) {
        expect([pid, ourDescription(run, pid)]).toEqual([pid, shortened(description)]);
      }
      expect(descriptions.size).toBeGreaterThan(4);
    });
  }
});

describe("streams without an analysis", () => {
  const multiplex = "ts/tsduck-108.ts";
  testWith(needsShared(multiplex), "tsduck-108: all programs of a multiplex", () => {
    const run = runPsi(String(sharedData(multiplex)));
    const services = run.map.services();
    expect(services.length).toBeGreaterThan(1);
    const seen = services.filter(({ pmtSeen }) => pmtSeen);
    expect(seen.length).toBeGreaterThan(1);
    for (const { pids } of seen) expect(pids.length).toBeGreaterThan(1);
  });

  const changes = "ts/tsduck-103.ts";
  testWith(needsShared(changes), "tsduck-103: a PAT changes its version", () => {
    const [pat] = runPsi(String(sharedData(changes))).store.snapshot((_pid, table) => table === 0);
    expect(pat?.versionChanges).toBeGreaterThan(0);
  });

  const splices = "ts/tsduck-137.ts";
  testWith(needsShared(splices), "tsduck-137: HEVC, AAC, and SCTE 35 on PID 0x81", () => {
    const { map } = runPsi(String(sharedData(splices)));
    const codecs = new Set(
      map.services().flatMap(({ components }) => components.map(({ codec }) => codec.id)),
    );
    expect(codecs.has("hevc")).toBe(true);
    expect([...codecs].some((id) => id.startsWith("aac"))).toBe(true);
    expect(map.componentsOf(0x81)[0]?.codec.id).toBe("scte-35");
    expect(map.roleOf(0x81) & PID_ROLE.sections).not.toBe(0);
  });
});
