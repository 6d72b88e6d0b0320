import { expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { LogLines } from "../../tests/helpers/wire.ts";
import { EXIT } from "../report/error.ts";
import { resolveConfig } from "../settings/config.ts";
import { forwardJob, forwardText, runForward } from "./forward.ts";
import type { ForwardState } from "./forward-job.ts";
import { runForwardWorker } from "./forward-worker.ts";
import { terminal } from "./terminal.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(30_000);

function config(flags: Record<string, string | string[] | boolean>) {
  return resolveConfig({ command: "client", flags, env: {}, folder: "/", hostname: "here" }).config;
}

const FLAGS = { forward: "tcp://127.0.0.1:*", endpoint: ["tcp://127.0.0.1:9"], quiet: true };

test("the thread forwards until its time is over and tells where it stands", () => {
  const states: ForwardState[] = [];
  const lines = new LogLines();
  runForwardWorker(forwardJob(config({ ...FLAGS, duration: "1100ms" })), {
    stop: new Int32Array(new SharedArrayBuffer(4)),
    send: (state) => states.push(state),
    log: lines.log,
  });
  expect(states.map(({ final }) => final)).toEqual([...states.slice(1).map(() => false), true]);
  expect(states.at(-1)).toMatchObject({ messages: 0, slow: 0, unheard: 0, probes: 0, subscribers: 0 });
});

test("the summary is one JSON document", async () => {
  const printed: string[] = [];
  const out = spyOn(terminal, "out").mockImplementation((text) => void printed.push(text));
  const state: ForwardState = {
    final: true,
    elapsedMs: 2000,
    messages: 10,
    bytes: 1000,
    slow: 1,
    unheard: 2,
    refused: 3,
    subscriptions: 1,
    probes: 1,
    subscribers: 1,
    failedConnections: 0,
    bitrate: 4000,
  };
  try {
    const code = await runForward(config({ ...FLAGS, report: ["json"] }), (_role, _job, onData) => {
      onData(state);
      return { stop: () => {}, done: Promise.resolve() };
    });
    expect(code).toBe(EXIT.ok);
  } finally {
    out.mockRestore();
  }
  expect(JSON.parse(printed.join(""))).toMatchObject({
    schema: "rscap.forward/1",
    forward: "tcp://127.0.0.1:*",
    seconds: 2,
    messages: 10,
    slow: 1,
    unheard: 2,
  });
  const text = forwardText(state);
  for (const part of ["10 messages forwarded", "1 message did not reach", "2 messages came while"]) {
    expect(text).toContain(part);
  }
});
