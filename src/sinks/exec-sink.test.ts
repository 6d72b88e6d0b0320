import { expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { SinkRing } from "../../tests/helpers/sink-ring.ts";
import { LogLines, tsPackets } from "../../tests/helpers/wire.ts";
import { ExecSink } from "./exec-sink.ts";
import { RECORD, RingReader } from "./queue/ring.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(60_000);

test("a command that never reads and stays in spite of SIGTERM: given up, killed, and counted", async () => {
  const ring = new SinkRing();
  ring.ts("a", tsPackets(20_000), 0, 1e9);
  const { lines, log } = new LogLines();
  const sink = new ExecSink({
    command: "trap '' TERM; sleep 100",
    restartMs: 1000,
    stopped: () => true,
    log,
    endMs: 50,
    termMs: 200,
  });
  const reader = new RingReader(ring.memory);
  sink.track(0, { probe: "p", stream: "a", kind: "ts", source: null, destination: null, wall: true });
  while (reader.next(0) !== RECORD.none) if (reader.type === RECORD.ts) sink.take(reader);
  expect(sink.figures().notes).toEqual(["The command was started once; it is running."]);
  await sink.close();
  const { packets, lost, notes } = sink.figures();
  expect(packets + lost).toBe(20_000);
  // What the pipe holds counts as passed on: nobody can tell how much of it was read.
  expect(packets).toBeLessThan(10_000);
  expect(notes).toEqual(["The command was started once; the last time it was ended by SIGKILL."]);
  expect(lines).toHaveLength(1);
});

test("packets that are no TS, and of tracks that are not known, are not taken", () => {
  const ring = new SinkRing();
  ring.rtp("a", [new Uint8Array(20)], 0, 1);
  const sink = new ExecSink({ command: "true", restartMs: 0, stopped: () => false, log: () => {} });
  const reader = new RingReader(ring.memory);
  while (reader.next(0) !== RECORD.none) if (reader.type === RECORD.rtp) sink.take(reader);
  expect(sink.figures()).toMatchObject({ packets: 0, lost: 0, unwanted: 1, notes: [] });
});

test("a system that starts no command for now: lost packets are counted, and it is tried again", async () => {
  const { lines, log } = new LogLines();
  const sink = new ExecSink({ command: "cat >/dev/null", restartMs: 20, stopped: () => false, log });
  sink.track(0, { probe: "p", stream: "a", kind: "ts", source: null, destination: null, wall: true });
  const take = (): void => {
    const ring = new SinkRing();
    ring.ts("a", tsPackets(10), 0, 1e6);
    const reader = new RingReader(ring.memory);
    while (reader.next(0) !== RECORD.none) if (reader.type === RECORD.ts) sink.take(reader);
  };
  using spawn = spyOn(Bun, "spawn").mockImplementation(() => {
    throw new Error("EAGAIN: no room for another process");
  });
  take();
  await sink.turn();
  expect(sink.figures()).toMatchObject({ packets: 0, lost: 10 });
  expect(sink.figures().notes).toEqual([
    "The command was started 0 times; the last time it could not be started.",
  ]);
  expect(lines[0]).toContain("can't be started: EAGAIN");
  expect(lines[0]).toContain("started again in 20 ms");
  await Bun.sleep(30);
  spawn.mockRestore();
  take();
  expect(sink.figures()).toMatchObject({ packets: 10, lost: 10 });
  await sink.close();
});
