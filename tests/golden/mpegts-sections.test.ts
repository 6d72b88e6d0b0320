/** Sections of real streams, counted against the tables that TSDuck found in them. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { continuityCounter, hasPayload, tsPid } from "../../src/mpegts/packet.ts";
import { tableId, tableIdExtension, versionNumber } from "../../src/mpegts/psi/fields.ts";
import { SectionAssembler } from "../../src/mpegts/psi/section.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

const folder = sharedData("ts");
const files = folder === null ? [] : readdirSync(folder).filter((name) => name.endsWith(".norm.txt"));

/** Sections of `pid`, counted by `table id/extension`, with the versions seen. */
function count(octets: Uint8Array, pid: number): Map<string, { sections: number; versions: Set<number> }> {
  const found = new Map<string, { sections: number; versions: Set<number> }>();
  const assembler = new SectionAssembler(pid, {
    section(_pid, buf, off) {
      const key = `${tableId(buf, off)}/${tableIdExtension(buf, off)}`;
      const entry = found.get(key) ?? { sections: 0, versions: new Set() };
      entry.sections += 1;
      entry.versions.add(versionNumber(buf, off));
      found.set(key, entry);
    },
    crcError: (_pid, table) => expect.unreachable(`wrong CRC in table ${table}`),
    malformed: () => expect.unreachable("malformed section"),
  });
  let last = -1;
  for (let off = 0; off < octets.length; off += 188) {
    if (tsPid(octets, off) !== pid || !hasPayload(octets, off)) continue;
    const counter = continuityCounter(octets, off);
    assembler.packet(octets, off, last !== -1 && counter !== ((last + 1) & 15), Number.NaN);
    last = counter;
  }
  return found;
}

describe("ISO/IEC 13818-1 2.4.4 sections as in TSDuck's analysis", () => {
  test.each(files)("%s", (file) => {
    const octets = readFileSync(`${sharedData(`ts/${file.replace(".tsanalyze.norm.txt", ".ts")}`)}`);
    const tables = readFileSync(`${sharedData(`ts/${file}`)}`, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("table:"))
      .map((line) => new Map(line.split(":").map((part) => part.split("=", 2) as [string, string])));
    expect(tables.length).toBeGreaterThan(0);
    for (const table of tables) {
      const found = count(octets, Number(table.get("pid")));
      const entry = found.get(`${table.get("tid")}/${table.get("tidext") ?? "0"}`);
      expect(entry?.sections).toBe(Number(table.get("sections")));
      expect([...(entry?.versions ?? [])]).toEqual((table.get("versions") ?? "").split(",").map(Number));
    }
  });

  testWith(needsShared("ts"), "there are analyses with tables", () => {
    expect(files.length).toBeGreaterThan(3);
  });

  testWith(needsShared("ts/tsduck-103.ts"), "tsduck-103: the PAT changes its version", () => {
    const octets = readFileSync(`${sharedData("ts/tsduck-103.ts")}`);
    const versions = [...count(octets, 0).values()].flatMap((entry) => [...entry.versions]);
    expect(new Set(versions).size).toBeGreaterThan(1);
  });
});
