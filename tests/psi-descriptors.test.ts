import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Descriptor } from "../src/mpegts/psi/descriptors/descriptor.ts";
import { runPsi } from "./helpers/psi-run.ts";
import { sharedData } from "./shared-data.ts";

/** Streams of which TSDuck has written out every field of their tables as text. */
const STREAMS = ["012", "025", "072", "139"];

/** One fact of a descriptor, as `PID tag: fact`; both sides are brought to these. */
type Facts = string[];

/** Fields as the reference words them: a pattern, and the fact by its groups. */
const WORDING: readonly (readonly [RegExp, (groups: readonly string[]) => string])[] = [
  [/^Language: (\w{3}), Type: 0x(\w\w)/, ([language, type]) => `language ${language} ${type}`],
  [
    /^Magazine: (\d+), page: (\d+), full page: (\d+)/,
    ([magazine, page, full]) => `${magazine} ${page} ${full}`,
  ],
  [/^Field parity: (\d), line offset: (\d+)/, ([parity, line]) => `line ${parity} ${line}`],
  [/^Data service id: 0x(\w\w)/, ([id]) => `data service ${id}`],
  [/^Service type: 0x(\w\w)/, ([type]) => `service type ${type}`],
  [/^Service: "(.*)", Provider: "(.*)"/, ([name, provider]) => `service ${name} of ${provider}`],
  [/^Format identifier: 0x(\w{8}) \("(.*)"\)/, ([id, text]) => `format ${id} ${text}`],
  [/^0000: {2}((?:\w\w )+)/, ([octets = ""]) => `octets ${octets.trim().replaceAll(" ", "").toLowerCase()}`],
];

function factsOfReference(text: string): Facts {
  const facts: Facts = [];
  let pid = "";
  let tag = "";
  for (const line of text.split("\n").map((one) => one.trim())) {
    pid = /^\* .*, PID 0x\w{4} \((\d+)\)$/.exec(line)?.[1] ?? pid;
    const found = /^- Descriptor \d+: .* \(0x(\w\w), \d+\), \d+ bytes$/.exec(line)?.[1];
    if (found !== undefined) {
      tag = found;
      facts.push(`${pid} ${tag}`);
    } else if (line.startsWith("*")) tag = "";
    for (const [pattern, fact] of tag === "" ? [] : WORDING) {
      const groups = pattern.exec(line);
      if (groups !== null) facts.push(`${pid} ${tag}: ${fact(groups.slice(1))}`);
    }
  }
  return facts.sort();
}

const hex2 = (value: unknown): string => Number(value).toString(16).toUpperCase().padStart(2, "0");
const items = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value : []);

function factsOf(descriptor: Descriptor): string[] {
  switch (descriptor.tag) {
    case 0x05: {
      const identifier = Number(descriptor.formatIdentifier).toString(16).toUpperCase();
      return [`format ${identifier} ${descriptor.format}`];
    }
    case 0x0a:
      return items(descriptor.languages).map((one) => `language ${one.languageCode} ${hex2(one.audioType)}`);
    case 0x45:
      return items(descriptor.services).flatMap(({ dataServiceId, lines }) => [
        `data service ${hex2(dataServiceId)}`,
        ...items(lines).map((line) => `line ${Number(line.fieldParity)} ${line.lineOffset}`),
      ]);
    case 0x48:
      return [
        `service type ${hex2(descriptor.serviceType)}`,
        `service ${descriptor.serviceName} of ${descriptor.serviceProviderName}`,
      ];
    case 0x56:
      return items(descriptor.pages).flatMap((page) => [
        `language ${page.languageCode} ${hex2(page.teletextType)}`,
        `${page.magazineNumber} ${page.pageNumber} ${page.page}`,
      ]);
    default:
      return descriptor.hex === undefined ? [] : [`octets ${descriptor.hex}`];
  }
}

/** Every descriptor in a tree of plain data, in its order. */
function descriptorsIn(tree: unknown): Descriptor[] {
  if (Array.isArray(tree)) return tree.flatMap(descriptorsIn);
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([name, value]) =>
    name === "descriptors" && Array.isArray(value) ? (value as Descriptor[]) : descriptorsIn(value),
  );
}

describe("descriptors equal field by field to TSDuck's", () => {
  for (const stream of STREAMS) {
    const ts = sharedData(`ts/tsduck-${stream}.ts`);
    const text = sharedData(`ts/tsduck-${stream}.tspsi.txt`);
    test.skipIf(ts === null || text === null)(`tsduck-${stream}`, () => {
      const reference = readFileSync(String(text), "utf8");
      // The reference is of PAT, CAT, PMT, NIT, SDT and BAT.
      const named = new Set(
        [...reference.matchAll(/^\* .*, TID 0x(\w\w) /gm)].map(([, id]) => Number(`0x${id}`)),
      );
      const { store } = runPsi(String(ts));
      const facts = store
        .snapshot((_pid, tableId) => named.has(tableId))
        .flatMap(({ pid, content }) =>
          descriptorsIn(content).flatMap((one) => {
            const start = `${pid} ${hex2(one.tag)}`;
            return [start, ...factsOf(one).map((fact) => `${start}: ${fact}`)];
          }),
        );
      expect(facts.sort()).toEqual(factsOfReference(reference));
      expect(named.size).toBeGreaterThan(1);
    });
  }
  const first = sharedData("ts/tsduck-012.tspsi.txt");
  test.skipIf(first === null)("the reference is read", () => {
    expect(factsOfReference(readFileSync(String(first), "utf8")).length).toBeGreaterThan(20);
  });

  const everything = ["008", "009", "026", "030", "035", "101", "103", "108", "137", "143"];
  for (const stream of everything) {
    const ts = sharedData(`ts/tsduck-${stream}.ts`);
    test.skipIf(ts === null)(`tsduck-${stream}: no descriptor is malformed`, () => {
      const { store } = runPsi(String(ts));
      const found = store.snapshot().flatMap(({ content }) => descriptorsIn(content));
      expect(found.filter(({ malformed }) => malformed !== undefined)).toEqual([]);
      expect(found.every(({ name }) => name.endsWith("_descriptor"))).toBe(true);
    });
  }
});
