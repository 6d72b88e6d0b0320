import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { EVENT_SCHEMA, type FindingEvent } from "../report/event.ts";
import { FAULTY_REPORT } from "../report/fixture.ts";
import { ClientDocuments, type DocumentOptions } from "./client-documents.ts";

const octets = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const origin = { probe: "studio", stream: "239.1.1.1-5000-v123", kind: "event" } as const;

function event(change: Partial<FindingEvent["finding"]> = {}, added = 1): FindingEvent {
  const [, finding] = FAULTY_REPORT.findings;
  if (finding === undefined) throw new Error("the sample has lost its part");
  return { schema: EVENT_SCHEMA, time: null, finding: { ...finding, ...change }, added };
}

function documents(change: Partial<DocumentOptions> = {}): { taker: ClientDocuments; lines: string[] } {
  const lines: string[] = [];
  const log: DocumentOptions["log"] = (level, message) => void lines.push(`${level} ${message}`);
  return {
    taker: new ClientDocuments({ events: true, streams: [], pass: null, log, ...change }),
    lines,
  };
}

describe("the client's findings", () => {
  test("a line of the log each, with what is new of the count", () => {
    const { taker, lines } = documents();
    taker.take(origin, octets(event({}, 4)), 0);
    taker.take(origin, octets(event({ count: 9, severity: "info" }, 5)), 0);
    expect(lines[0]).toStartWith(
      "warning error on 239.1.1.1-5000-v123, PID 256 (probe studio): TR 101 290 1.4, count 4. The continuity",
    );
    expect(lines[1]).toStartWith("info info on 239.1.1.1-5000-v123");
    expect(lines[1]).toContain("count 5 more, 9 in all.");
  });

  test("a flood is cut, and the cut is told", () => {
    const { taker, lines } = documents();
    for (let i = 0; i < 50; i++) taker.take(origin, octets(event()), 10);
    expect(lines).toHaveLength(20);
    taker.take(origin, octets(event()), 1010);
    expect(lines[20]).toBe("warning 30 more findings came than are logged; --jsonl has them all.");
    expect(lines).toHaveLength(22);
  });

  test("each wanted document is passed on too, pictures and what is no JSON among them", () => {
    const passed: string[] = [];
    const { taker } = documents({
      events: false,
      streams: [origin.stream],
      pass: ({ kind, stream }, { length }) => void passed.push(`${kind} ${stream} ${length > 0}`),
    });
    taker.take(origin, octets(event()), 0);
    taker.take(origin, octets(event({ stream: "other" })), 0);
    taker.take({ ...origin, kind: "report", stream: "-" }, octets(FAULTY_REPORT), 0);
    taker.take({ ...origin, kind: "image" }, new Uint8Array([0xff, 0xd8]), 0);
    expect(passed).toEqual([`event ${origin.stream} true`, "report - true", `image ${origin.stream} true`]);
    expect(taker.bad).toBe(0);
  });

  test("any octets: counted, told at the end, never an exception", () => {
    let passed = 0;
    const { taker, lines } = documents({ pass: () => void passed++ });
    let sent = 0;
    const json = fc.json().map((text) => new TextEncoder().encode(text));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), json), (hostile) => {
        sent++;
        taker.take(origin, hostile, 0);
      }),
    );
    taker.close();
    expect(passed + taker.bad).toBe(sent);
    expect(lines.at(-1)).toBe(`warning ${taker.bad} reports or events were no JSON objects.`);
  });
});
