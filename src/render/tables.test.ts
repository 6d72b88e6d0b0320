import { describe, expect, test } from "bun:test";
import type { TableReport } from "../report/mpegts-schema.ts";
import type { Report } from "../report/schema.ts";
import { textStyle } from "./layout.ts";
import { renderTablesJson, renderTablesText, tableLines } from "./tables.ts";

const pmt: TableReport = {
  pid: 0x100,
  tableId: 2,
  name: "PMT",
  extension: 1,
  version: 3,
  current: true,
  sections: 1,
  content: {
    table: "PMT",
    programNumber: 1,
    pcrPid: null,
    descriptors: [],
    streams: [
      {
        streamType: 0x1b,
        elementaryPid: 0x101,
        descriptors: [
          { tag: 0x52, name: "stream_identifier_descriptor", componentTag: 7 },
          { tag: 0x40, name: "network_name_descriptor", networkName: "a\u001b[2J\nb" },
          { tag: 0x53, name: "CA_identifier_descriptor", caSystemIds: [0x500, 0x1800] },
        ],
      },
    ],
  },
};
const plain = textStyle(false);

/** A report of one stream with these tables; the rest of it is not looked at. */
function reportOf(tables: TableReport[]): Report {
  return {
    schema: "rscap.report/1",
    streams: [{ id: "udp:239.1.1.1:5000", mpegts: { tables } }],
  } as unknown as Report;
}

describe("tables as a tree of text", () => {
  test("each level further to the right, descriptors by their names", () => {
    expect(tableLines(pmt, 80, plain)).toEqual([
      "PMT  table_id 0x02, PID 0x0100 (256), extension 0x0001 (1), version 3",
      "  programNumber 1, pcrPid none, descriptors none",
      "  streams:",
      "  - streamType 0x1B (27), elementaryPid 0x101 (257)",
      "    descriptors:",
      "    - stream_identifier_descriptor (0x52)",
      "      componentTag 0x07 (7)",
      "    - network_name_descriptor (0x40)",
      '      networkName "a?[2J / b"',
      "    - CA_identifier_descriptor (0x53)",
      "      caSystemIds 0x500 (1280) 0x1800 (6144)",
    ]);
  });

  test("lines are wrapped between values", () => {
    const lines = tableLines(pmt, 40, plain);
    expect(lines).toContain("  programNumber 1, pcrPid none");
    expect(lines).toContain("  descriptors none");
  });

  test("tables that are not decoded, lists of lists, other values", () => {
    expect(tableLines({ ...pmt, content: null, extension: null, version: null }, 80, plain)).toEqual([
      "PMT  table_id 0x02, PID 0x0100 (256)",
    ]);
    expect(tableLines({ ...pmt, content: ["ab", "cd"], sections: 2, current: false }, 80, plain)).toEqual([
      "PMT  table_id 0x02, PID 0x0100 (256), extension 0x0001 (1), version 3, 2 sections, not in force yet",
      '  content "ab" "cd"',
    ]);
    const odd = { yes: true, no: false, half: 0.5, mixed: [1, { deep: 2 }], only: { inner: { x: 1 } } };
    expect(tableLines({ ...pmt, content: odd }, 80, plain).slice(1)).toEqual([
      "  yes yes, no no, half 0.5",
      "  mixed:",
      "  - 1",
      "  - deep 2",
      "  only:",
      "    inner:",
      "      x 1",
    ]);
  });

  test("a tree of any depth stays near the edge", () => {
    let deep: TableReport["content"] = { end: 1 };
    for (let i = 0; i < 100; i++) deep = { within: deep };
    const lines = tableLines({ ...pmt, content: deep }, 80, plain);
    expect(lines.length).toBe(102);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(90);
  });

  test("all streams, each with its count of tables", () => {
    const text = renderTablesText(reportOf([pmt]), { columns: 80, colour: false });
    expect(text).toStartWith("udp:239.1.1.1:5000: 1 table\n\nPMT  table_id");
    expect(text).toEndWith("(6144)\n");
    expect(renderTablesText(reportOf([]), { columns: 80, colour: false })).toBe(
      "udp:239.1.1.1:5000: no tables\n",
    );
    const coloured = renderTablesText(reportOf([pmt, pmt]), { columns: 80, colour: true });
    expect(Bun.stripANSI(coloured)).toContain("2 tables");
    expect(coloured).toContain("\u001b[1m");
  });

  test("no streams", () => {
    expect(renderTablesText({ ...reportOf([]), streams: [] }, { columns: 80, colour: false })).toBe(
      "no streams\n",
    );
  });
});

describe("tables as JSON", () => {
  test("one document, by stream", () => {
    expect(JSON.parse(renderTablesJson(reportOf([pmt])))).toEqual({
      schema: "rscap.report/1",
      streams: [{ stream: "udp:239.1.1.1:5000", tables: [pmt] }],
    });
  });
});
