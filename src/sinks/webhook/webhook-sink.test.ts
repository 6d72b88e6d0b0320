import { afterEach, describe, expect, test } from "bun:test";
import { until } from "../../../tests/helpers/run.ts";
import { FAULTY_REPORT } from "../../report/fixture.ts";
import { SunkDocument } from "../document-sink.ts";
import { Delivery, type DeliveryOptions } from "./delivery.ts";
import { webhookSchema } from "./message.ts";
import { WebhookSink } from "./webhook-sink.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that keeps what is posted and answers with the next of `answers`, the last one for ever. */
function server(...answers: ((request: Request) => Response | Promise<Response>)[]) {
  const got: { body: string; headers: Headers }[] = [];
  const started = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const answer = answers[Math.min(got.length, answers.length - 1)] ?? (() => new Response("ok"));
      got.push({ body: await request.text(), headers: request.headers });
      return answer(request);
    },
  });
  closers.push(() => started.stop(true));
  return { got, url: `http://127.0.0.1:${started.port}/hooks/T0PSECRET`, started };
}

function delivery(url: string, change: Partial<DeliveryOptions> = {}) {
  const lines: string[] = [];
  const made = new Delivery({
    url: new URL(url),
    token: "",
    timeoutMs: 10_000,
    userAgent: "rscap/test",
    log: (level, text) => void lines.push(`${level}: ${text}`),
    firstWaitMs: 10,
    ...change,
  });
  closers.push(() => made.close(0));
  return { made, lines };
}

const answers =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    new Response("body", { status, headers });

describe("delivery to an HTTP server", () => {
  test("in order, with type, agent and token", async () => {
    const { got, url } = server();
    const { made, lines } = delivery(url, { token: "t0ken" });
    for (let i = 0; i < 20; i++) made.send(`{"n":${i}}`);
    await made.close(10_000);
    expect(got.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, (_, i) => `{"n":${i}}`));
    expect(got[0]?.headers.get("authorization")).toBe("Bearer t0ken");
    expect(got[0]?.headers.get("content-type")).toBe("application/json");
    expect(made.counts()).toMatchObject({ taken: 20, done: 20, dropped: 0, queued: 0 });
    expect(lines).toEqual([]);
  });

  test("a server in trouble is tried again until it takes the message, and the order is kept", async () => {
    const { got, url } = server(
      answers(500),
      answers(429, { "retry-after": "0" }),
      answers(503),
      answers(204),
    );
    const { made, lines } = delivery(url);
    made.send("1");
    made.send("2");
    await until(() => made.counts().done === 2, "both are delivered");
    expect(got.map(({ body }) => body)).toEqual(["1", "1", "1", "1", "2"]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^warning: The webhook at 127.0.0.1:\d+ answered 500; trying again in 1 s, 2 waiting\.$/,
    );
  });

  test("what the server refuses is dropped, and a redirection is not followed", async () => {
    const other = server();
    const { url } = server(answers(404), answers(307, { location: other.url }), answers(200));
    const { made, lines } = delivery(url);
    for (const body of ["1", "2", "3"]) made.send(body);
    await made.close(10_000);
    expect(made.counts()).toMatchObject({ taken: 3, done: 1, dropped: 2 });
    expect(other.got).toEqual([]);
    expect(lines[0]).toContain("answered 404: the message is dropped.");
  });

  test("a server that is away, then there; one that never answers", async () => {
    const away = server();
    const port = away.started.port as number;
    await away.started.stop(true);
    const { made, lines } = delivery(away.url);
    made.send("1");
    await until(() => lines.length > 0, "the failure is told");
    expect(lines[0]).toContain("can't be reached");
    expect(lines[0]).not.toContain("T0PSECRET");
    const back = Bun.serve({ port, hostname: "127.0.0.1", fetch: () => new Response("") });
    closers.push(() => back.stop(true));
    await until(() => made.counts().done === 1, "it is delivered after all");

    const stuck = server(() => new Promise<Response>(() => {}));
    const { made: waiting, lines: told } = delivery(stuck.url, { timeoutMs: 50 });
    waiting.send("1");
    await until(() => told.length > 0, "the time is over");
    expect(told[0]).toContain("gave no answer in time");
    await waiting.close(0);
    expect(waiting.counts()).toMatchObject({ taken: 1, done: 0, dropped: 1, queued: 0 });
  });

  test("a full queue drops and counts", async () => {
    const stuck = server(() => new Promise<Response>(() => {}));
    const { made, lines } = delivery(stuck.url);
    for (let i = 0; i < 1005; i++) made.send("x");
    expect(made.counts()).toMatchObject({ taken: 1005, queued: 1000, dropped: 5 });
    expect(lines[0]).toContain("is full");
    await made.close(0);
    expect(made.counts()).toMatchObject({ queued: 0, dropped: 1005 });
  });
});

const SINK = {
  severity: "warning",
  groupMs: 0,
  repeatMs: 0,
  recoveryMs: 60_000,
  token: "",
  timeoutMs: 10_000,
  userAgent: "rscap/test",
  log: () => {},
} as const;

describe("a webhook for findings", () => {
  test("posts messages of its schema for what a report holds", async () => {
    const { got, url } = server();
    const sink = new WebhookSink({ ...SINK, url });
    const origin = { probe: "studio", stream: "-", receivedMs: 0 };
    const report = { ...FAULTY_REPORT, findings: [...FAULTY_REPORT.findings, { code: "of a newer probe" }] };
    sink.take(new SunkDocument({ ...origin, kind: "report" }, report));
    sink.take(new SunkDocument({ ...origin, kind: "report" }, { findings: "none" }));
    sink.take(new SunkDocument({ ...origin, kind: "event" }, {}));
    sink.take(new SunkDocument({ ...origin, kind: "report" }, new Uint8Array([0xff])));
    await sink.close(10_000);
    const messages = got.map(({ body }) => webhookSchema.parse(JSON.parse(body)));
    const told = messages.flatMap(({ findings }) => findings.map(({ finding }) => finding));
    const severe = FAULTY_REPORT.findings.filter(({ severity }) => severity !== "info");
    expect(told).toHaveLength(severe.length);
    expect(told).toEqual(expect.arrayContaining(severe));
    const [message] = messages;
    expect(message?.status).toBe("firing");
    expect(message?.text).toStartWith(`${message?.stream} from probe studio: `);
    expect(sink.counts()).toMatchObject({ done: messages.length, dropped: 0, queued: 0 });
  });

  test("posts while the run goes on, and tells what is over", async () => {
    const { got, url } = server();
    const sink = new WebhookSink({ ...SINK, url, recoveryMs: 1 });
    closers.push(() => sink.close(0));
    const take = () =>
      sink.take(new SunkDocument({ probe: "p", stream: "-", kind: "report", receivedMs: 0 }, FAULTY_REPORT));
    // Its times say that all is long over; so a first report that knows nothing of it comes before.
    sink.take(new SunkDocument({ probe: "p", stream: "-", kind: "report", receivedMs: 0 }, { findings: [] }));
    take();
    await until(() => got.length > 0, "a message comes");
    await Bun.sleep(2);
    take();
    const over = () => got.some(({ body }) => JSON.parse(body).status === "resolved");
    await until(over, "its end comes");
    expect(got.find(({ body }) => body.includes('"resolved"'))?.body).toContain("over: ");
  });

  test.each(["", "ftp://x", "no url", "http://user:word@x/"])("%s is no URL for it", (url) => {
    expect(() => new WebhookSink({ ...SINK, url })).toThrow("WEBHOOK");
  });
});
