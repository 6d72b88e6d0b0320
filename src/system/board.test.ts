import { describe, expect, test } from "bun:test";
import { SYSTEM } from "../report/fixture-system.ts";
import { boardMemory, SystemBoard } from "./board.ts";

describe("board of the system's figures", () => {
  test("gives what was left last, and the same again until there is more", () => {
    const memory = boardMemory();
    const [writer, reader] = [new SystemBoard(memory), new SystemBoard(memory)];
    expect(reader.read()).toBeNull();
    expect(writer.write(SYSTEM)).toBe(true);
    const first = reader.read();
    expect(first).toEqual(SYSTEM);
    expect(reader.read()).toBe(first);
    writer.write({ ...SYSTEM, load: null });
    expect(reader.read()?.load).toBeNull();
  });

  test("keeps the last figures while new ones are being written", () => {
    const memory = boardMemory();
    const [writer, reader] = [new SystemBoard(memory), new SystemBoard(memory)];
    writer.write(SYSTEM);
    reader.read();
    Atomics.add(new Int32Array(memory), 0, 1);
    expect(reader.read()).toEqual(SYSTEM);
  });

  test("has no room for what is too large", () => {
    const memory = boardMemory();
    const board = new SystemBoard(memory);
    const path = "x".repeat(300_000);
    expect(board.write({ ...SYSTEM, disks: [{ path, totalBytes: 1, freeBytes: 1 }] })).toBe(false);
    expect(board.read()).toBeNull();
  });
});
