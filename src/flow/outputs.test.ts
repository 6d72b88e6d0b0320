import { describe, expect, test } from "bun:test";
import type { PacketOutput, StreamInfo } from "../report/output.ts";
import { ChosenPackets, FanOut } from "./outputs.ts";

const INFO: StreamInfo = {
  id: "239.1.1.1-5000",
  kind: "ts",
  sourceAddress: "10.0.0.1",
  sourcePort: 1000,
  destinationAddress: "239.1.1.1",
  destinationPort: 5000,
};

class Recorder implements PacketOutput {
  readonly calls: string[] = [];
  open(stream: number, info: StreamInfo): void {
    this.calls.push(`open ${stream} ${info.id}`);
  }
  packets(stream: number, _buf: Uint8Array, off: number, len: number): void {
    this.calls.push(`packets ${stream} ${off}+${len}`);
  }
  bufferEnd(): void {
    this.calls.push("bufferEnd");
  }
  close(stream: number): void {
    this.calls.push(`close ${stream}`);
  }
}

const BUF = new Uint8Array(4096);

describe("FanOut", () => {
  test("every output gets every call in order", () => {
    const outputs = [new Recorder(), new Recorder()];
    const fan = new FanOut(outputs);
    fan.open(0, INFO);
    fan.packets(0, BUF, 10, 188, 0, 1);
    fan.bufferEnd();
    fan.close(0);
    for (const { calls } of outputs) {
      expect(calls).toEqual(["open 0 239.1.1.1-5000", "packets 0 10+188", "bufferEnd", "close 0"]);
    }
  });
});

describe("ChosenPackets", () => {
  test("streams that were not chosen reach nobody", () => {
    const recorder = new Recorder();
    const chosen = new ChosenPackets(recorder, ["239.1.1.1-5000"], 0);
    chosen.open(0, { ...INFO, id: "other" });
    chosen.open(1, INFO);
    chosen.packets(0, BUF, 0, 188, 0, 1);
    chosen.packets(1, BUF, 0, 376, 0, 1);
    chosen.close(0);
    chosen.close(1);
    expect(recorder.calls).toEqual(["open 1 239.1.1.1-5000", "packets 1 0+376", "close 1"]);
    expect(chosen.passed).toBe(2);
  });

  test("the limit cuts a run at a whole packet and is exact", () => {
    const recorder = new Recorder();
    const chosen = new ChosenPackets(recorder, [], 10);
    chosen.open(0, INFO);
    chosen.packets(0, BUF, 0, 7 * 188, 0, 1);
    expect(chosen.full).toBe(false);
    chosen.packets(0, BUF, 1316, 7 * 188, 0, 1);
    chosen.packets(0, BUF, 2632, 7 * 188, 0, 1);
    expect(recorder.calls.slice(1)).toEqual(["packets 0 0+1316", `packets 0 1316+${3 * 188}`]);
    expect(chosen.passed).toBe(10);
    expect(chosen.full).toBe(true);
  });

  test("an RTP packet counts as one, whatever its length", () => {
    const recorder = new Recorder();
    const chosen = new ChosenPackets(recorder, [], 2);
    chosen.open(0, { ...INFO, kind: "rtp" });
    for (let turn = 0; turn < 3; turn++) chosen.packets(0, BUF, turn * 1400, 1400, 0, 1);
    expect(recorder.calls.slice(1)).toEqual(["packets 0 0+1400", "packets 0 1400+1400"]);
  });

  test("counts without an output", () => {
    const chosen = new ChosenPackets(null, [], 0);
    chosen.open(0, INFO);
    chosen.packets(0, BUF, 0, 188, 0, 1);
    chosen.bufferEnd();
    chosen.close(0);
    expect(chosen.passed).toBe(1);
    expect(chosen.full).toBe(false);
  });
});
