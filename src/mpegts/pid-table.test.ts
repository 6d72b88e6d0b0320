import { expect, test } from "bun:test";
import { NO_COUNTER } from "./continuity.ts";
import { PID_COUNT } from "./packet.ts";
import { PidTable, SAVED } from "./pid-table.ts";

test("all 8192 PIDs have a place of their own, and keep their state when the table grows", () => {
  const table = new PidTable();
  for (let pid = PID_COUNT - 1; pid >= 0; pid -= 1) {
    const slot = table.add(pid);
    expect(table.counter[slot]).toBe(NO_COUNTER);
    expect(table.lastPcr[slot]).toBeNaN();
    table.packets[slot] = pid;
    table.counter[slot] = pid & 0x0f;
  }
  expect(table.size).toBe(PID_COUNT + 1);
  for (let pid = 0; pid < PID_COUNT; pid += 1) {
    const slot = table.slotOf[pid] as number;
    expect(slot).toBeGreaterThan(0);
    expect(table.pid[slot]).toBe(pid);
    expect(table.packets[slot]).toBe(pid);
    expect(table.counter[slot]).toBe(pid & 0x0f);
  }
});

test("saveLast copies last packets out of the caller's buffers once", () => {
  const table = new PidTable();
  const slot = table.add(33);
  const other = table.add(44);
  const buf = new Uint8Array(400).fill(7);
  table.lastBuffer[slot] = 1;
  table.lastOffset[slot] = 100;
  table.saveLast([new Uint8Array(0), buf]);
  expect(table.lastBuffer[slot]).toBe(SAVED);
  const at = table.lastOffset[slot] as number;
  expect(table.saved.subarray(at, at + 188)).toEqual(new Uint8Array(188).fill(7));
  expect(table.lastBuffer[other]).toBe(SAVED);
  buf.fill(9);
  table.saveLast([new Uint8Array(0), buf]);
  expect(table.saved[at]).toBe(7);
});
