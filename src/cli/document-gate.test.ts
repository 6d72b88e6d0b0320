import { expect, test } from "bun:test";
import { DocumentGate, GATE_DOCUMENTS, GATE_OCTETS, gateMemory } from "./document-gate.ts";

test("so many documents and octets are on the way at most; what finds no room is counted", () => {
  const memory = gateMemory();
  const sends = new DocumentGate(memory);
  const receives = new DocumentGate(memory);
  for (let i = 0; i < GATE_DOCUMENTS; i++) expect(sends.admit(100)).toBe(true);
  expect(sends.admit(100)).toBe(false);
  expect(sends.dropped).toBe(1);
  receives.arrived(100);
  expect(sends.admit(100)).toBe(true);
});

test("one document of any size has room, the next waits for it", () => {
  const memory = gateMemory();
  const gate = new DocumentGate(memory);
  expect(gate.admit(GATE_OCTETS + 1)).toBe(true);
  expect(gate.admit(1)).toBe(false);
  gate.arrived(GATE_OCTETS + 1);
  expect(gate.admit(1)).toBe(true);
});
