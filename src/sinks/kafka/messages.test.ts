import { describe, expect, test } from "bun:test";
import { EMPTY_REPORT, FAULTY_REPORT, FAULTY_STREAM } from "../../report/fixture.ts";
import { type DocumentKind, SunkDocument } from "../document-sink.ts";
import { FLAT_SCHEMA, type MessageOptions, Messages } from "./messages.ts";
import type { KafkaRecord } from "./record.ts";

function messages(change: Partial<MessageOptions> = {}): Messages {
  return new Messages({ format: "json", key: "", intervalMs: 0, run: "run", ...change });
}

function document(
  kind: DocumentKind,
  stream: string,
  content: Uint8Array | object,
  receivedMs = 1000,
  probe = "studio",
): SunkDocument {
  return new SunkDocument({ probe, stream, kind, receivedMs }, content);
}

const report = (receivedMs: number, probe = "studio"): SunkDocument =>
  document("report", "-", EMPTY_REPORT, receivedMs, probe);

const header = (record: KafkaRecord | undefined, name: string): string | undefined =>
  record?.headers.find(([each]) => each === name)?.[1];

describe("messages as JSON", () => {
  test("hold what came, under the key of probe and stream", () => {
    const octets = new TextEncoder().encode('{ "schema": "rscap.event/1" }');
    const [record] = messages().of(document("event", "239.1.1.1-5000", octets));
    expect(record).toEqual({
      key: "studio/239.1.1.1-5000",
      timestampMs: 1000,
      headers: [
        ["schema", "rscap.event/1"],
        ["probe", "studio"],
        ["stream", "239.1.1.1-5000"],
        ["kind", "event"],
        ["content-type", "application/json"],
        ["id", "run-0"],
      ],
      value: octets,
    });
  });

  test("a key of the user's for all; a type for each picture", () => {
    const maker = messages({ key: "all" });
    const [jpeg] = maker.of(document("image", "s", Uint8Array.of(0xff, 0xd8)));
    const [png] = maker.of(document("image", "s", Uint8Array.of(0x89, 0x50)));
    const [neither] = maker.of(document("image", "s", Uint8Array.of(0)));
    expect([jpeg, png, neither].map((record) => header(record, "content-type"))).toEqual([
      "image/jpeg",
      "image/png",
      "application/octet-stream",
    ]);
    expect([jpeg?.key, header(jpeg, "schema"), header(png, "id")]).toEqual(["all", undefined, "run-1"]);
  });
});

describe("the interval between reports", () => {
  /** Which of the reports at `times` become messages. */
  function kept(intervalMs: number, times: readonly number[]): number[] {
    const maker = messages({ intervalMs });
    return times.filter((ms) => maker.of(report(ms)).length > 0);
  }

  test("once a second with jitter: all", () => {
    const times = [0, 1003, 1998, 3001, 3990, 5010];
    expect(kept(1000, times)).toEqual(times);
    expect(kept(0, [0, 1, 2])).toEqual([0, 1, 2]);
  });

  test("more often: one in each interval", () => {
    const times = Array.from({ length: 41 }, (_, i) => i * 250);
    expect(kept(1000, times)).toHaveLength(11);
    expect(kept(10_000, times)).toHaveLength(2);
  });

  test("a pause, and a clock that is set back", () => {
    expect(kept(1000, [0, 60_300, 60_500, 61_300])).toEqual([0, 60_300, 61_300]);
    expect(kept(1000, [100_000, 5000, 5100, 6000])).toEqual([100_000, 5000, 6000]);
  });

  test("each probe for itself; events and pictures always", () => {
    const maker = messages({ intervalMs: 1000 });
    expect([report(0), report(1, "other"), report(2)].map((each) => maker.of(each).length)).toEqual([
      1, 1, 0,
    ]);
    expect(maker.of(document("event", "s", { schema: "x" }, 3))).toHaveLength(1);
    for (let i = 0; i < 3000; i++) expect(maker.of(report(5, `probe-${i}`))).toHaveLength(1);
  });
});

describe("flat messages", () => {
  test("one for each transport stream of a report; none of events; the picture goes with the next", () => {
    const maker = messages({ format: "flat" });
    expect(maker.of(document("event", "s", { schema: "x" }))).toEqual([]);
    expect(maker.of(document("image", FAULTY_STREAM.id, Uint8Array.of(0xff, 0xd8)))).toEqual([]);
    expect(maker.of(document("image", FAULTY_STREAM.id, new Uint8Array(300_000)))).toEqual([]);
    const records = maker.of(document("report", "-", FAULTY_REPORT));
    expect(records.map(({ key }) => key)).toEqual([`studio/${FAULTY_STREAM.id}`, "studio/239.1.1.2-5000"]);
    expect(header(records[0], "schema")).toBe(FLAT_SCHEMA);
    const [first] = records.map(({ value }) => JSON.parse(new TextDecoder().decode(value)));
    expect([first.base64_image, first["streams.256.error_count"]]).toEqual(["/9g=", 4]);
    const [next] = maker.of(document("report", "-", FAULTY_REPORT));
    expect(JSON.parse(new TextDecoder().decode(next?.value)).base64_image).toBe("");
  });

  test("what is no report makes none", () => {
    const maker = messages({ format: "flat" });
    expect(maker.of(document("report", "-", { streams: "many" }))).toEqual([]);
    expect(maker.of(document("report", "-", new Uint8Array(3)))).toEqual([]);
    expect(maker.of(document("report", "-", EMPTY_REPORT))).toEqual([]);
    for (let i = 0; i < 100; i++) maker.of(document("image", `s${i}`, Uint8Array.of(1)));
  });
});
