import { expect, test } from "bun:test";
import fc from "fast-check";
import { LegFinder } from "./leg-finder.ts";

function rtp(sequence: number, ssrc: number, payload: number): Uint8Array {
  const packet = new Uint8Array(32).fill(payload, 12);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x8060);
  view.setUint16(2, sequence);
  view.setUint32(4, sequence * 6);
  view.setUint32(8, ssrc);
  return packet;
}

test("two flows with the same packets are legs, once eight copies were seen", () => {
  const finder = new LegFinder();
  const found: number[] = [];
  for (let i = 0; i < 200; i++) {
    const packet = rtp(i, 1, i);
    expect(finder.packet(0, packet, 0, 32, i * 1e6)).toBe(-1);
    found.push(finder.packet(1, packet, 0, 32, i * 1e6 + 5e6));
  }
  expect(found.indexOf(0)).toBe(112);
  expect(finder.sampled).toBe(26);
});

test("the first packets of a flow may all be looked at", () => {
  const finder = new LegFinder();
  for (let i = 1; i < 9; i++) {
    const packet = rtp(i, 1, i);
    expect(finder.packet(0, packet, 0, 32, i * 1e9, true)).toBe(-1);
    expect(finder.packet(1, packet, 0, 32, i * 1e9 + 5e6, true)).toBe(i < 8 ? -1 : 0);
  }
});

test("the same numbers and SSRC with other payloads are no legs", () => {
  const finder = new LegFinder();
  for (let i = 0; i < 500; i++) {
    expect(finder.packet(0, rtp(i, 1, i), 0, 32, i)).toBe(-1);
    expect(finder.packet(1, rtp(i, 1, i + 1), 0, 32, i)).toBe(-1);
  }
});

test("a copy more than a second later is another loop of a file", () => {
  const finder = new LegFinder();
  for (const flow of [0, 1]) {
    for (let i = 0; i < 500; i++) expect(finder.packet(flow, rtp(i, 1, i), 0, 32, flow * 1.1e9 + i)).toBe(-1);
  }
});

test("a flow that is forgotten is no leg", () => {
  const finder = new LegFinder();
  for (let i = 0; i < 200; i++) finder.packet(0, rtp(i, 1, i), 0, 32, i);
  for (let i = 0; i < 97; i++) finder.packet(1, rtp(i, 1, i), 0, 32, i);
  finder.forget(0);
  for (let i = 97; i < 200; i++) expect(finder.packet(1, rtp(i, 1, i), 0, 32, i)).toBe(-1);
});

test("any packets of any flows: memory bounded, no exception", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(2000), fc.uint8Array({ minLength: 12, maxLength: 20 }))),
      (packets) => {
        const finder = new LegFinder();
        for (const [flow, octets] of packets) {
          const leg = finder.packet(flow, octets, 0, octets.length, 0);
          expect(leg).toBeGreaterThanOrEqual(-1);
          expect(leg).not.toBe(flow);
        }
      },
    ),
  );
});
