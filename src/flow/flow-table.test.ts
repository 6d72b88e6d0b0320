import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Datagram } from "../net/datagram.ts";
import { FlowTable, TABLE_FULL } from "./flow-table.ts";

/** A buffer and the datagram that refers to it, for a flow made of small numbers. */
function datagram(flow: {
  version?: number;
  source?: number;
  destination?: number;
  sourcePort?: number;
  port?: number;
  vlans?: number[];
}): [Uint8Array, Datagram] {
  const buf = new Uint8Array(32);
  buf[3] = flow.source ?? 1;
  buf[15] = flow.source ?? 1;
  buf[19] = flow.destination ?? 2;
  buf[31] = flow.destination ?? 2;
  const out = new Datagram();
  out.ipVersion = flow.version ?? 4;
  out.sourceOff = 0;
  out.destinationOff = 16;
  out.sourcePort = flow.sourcePort ?? 1000;
  out.destinationPort = flow.port ?? 5000;
  for (const id of flow.vlans ?? []) out.addVlan(id, 0x8100);
  return [buf, out];
}

describe("FlowTable", () => {
  test("each of address, port, version and VLAN makes another flow", () => {
    const table = new FlowTable(16);
    const flows = [
      {},
      { source: 9 },
      { destination: 9 },
      { sourcePort: 9 },
      { port: 9 },
      { version: 6 },
      { vlans: [5] },
      { vlans: [0] },
      { vlans: [5, 6] },
      { vlans: [6, 5] },
    ];
    expect(flows.map((flow) => table.find(...datagram(flow)))).toEqual(flows.map((_, index) => index));
    expect(flows.map((flow) => table.find(...datagram(flow)))).toEqual(flows.map((_, index) => index));
    expect(table.count).toBe(flows.length);
  });

  test("IPv6 addresses are told apart in every octet", () => {
    const table = new FlowTable(64);
    const [buf, one] = datagram({ version: 6 });
    for (let octet = 0; octet < 32; octet++) {
      buf[octet] = 0xee;
      expect(table.find(buf, one)).toBe(octet);
      buf[octet] = 0xee;
    }
  });

  test("a full table says so and keeps what it has", () => {
    const table = new FlowTable(2);
    expect(table.find(...datagram({ port: 1 }))).toBe(0);
    expect(table.find(...datagram({ port: 2 }))).toBe(1);
    expect(table.find(...datagram({ port: 3 }))).toBe(TABLE_FULL);
    expect(table.find(...datagram({ port: 1 }))).toBe(0);
  });

  test("any sequence of finds and compactions agrees with a map", () => {
    const step = fc.record({ port: fc.integer({ min: 0, max: 20 }), compact: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new FlowTable(8);
        let model: number[] = [];
        for (const { port, compact } of steps) {
          if (compact) {
            table.compact((flow) => flow % 2 === 0);
            model = model.filter((_, flow) => flow % 2 === 0);
          }
          if (!model.includes(port) && model.length < 8) model.push(port);
          expect(table.find(...datagram({ port }))).toBe(model.indexOf(port));
          expect(table.count).toBe(model.length);
        }
      }),
    );
  });
});
