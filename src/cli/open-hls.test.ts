import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { END_OF_INPUT, FrameBatch } from "../capture/batch.ts";
import { playlistText, segmentLines, segmentOctets } from "../hls/test-segments.ts";
import { TestServer } from "../hls/test-server.ts";
import { EXIT } from "../report/error.ts";
import { hlsInput, openHls } from "./open-hls.ts";
import type { OpenedInput } from "./open-input.ts";
import type { HlsInput } from "./pipeline-job.ts";

const server = new TestServer();
const CONFIG = {
  hlsVariant: "highest",
  hlsTimeout: 5000,
  hlsRetries: 0,
  hlsCa: "",
  hlsUser: "",
  hlsPassword: "",
};
const PLAY = { live: false, speed: 0, aheadMs: 0, horizonMs: 1 };

let opened: OpenedInput | null = null;
afterEach(() => {
  opened?.close();
  opened = null;
});

const running = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

async function open(path: string, change: Partial<HlsInput> = {}, stop = running()): Promise<OpenedInput> {
  const input = { ...hlsInput(server.url(path).href, "--source", CONFIG, PLAY), ...change };
  opened = await openHls(input, "1.2.3", stop, () => {});
  return opened;
}

/** Octets until the end. */
async function octets({ source }: OpenedInput): Promise<number> {
  const batch = new FrameBatch(512);
  for (;;) {
    const got = await source.next(batch, 20);
    if (got === END_OF_INPUT) return source.stats().bytes;
  }
}

function serve(): number {
  const segments = [segmentOctets({ start: 10, pictures: 10 }), segmentOctets({ start: 100, pictures: 10 })];
  segments.forEach((segment, i) => {
    server.pages.set(`/${i}.ts`, segment);
  });
  const [first = "", second = ""] = ["0.ts", "1.ts"].map((name) => segmentLines([name], 0.4).join("\n"));
  server.pages.set("/x.m3u8", playlistText([first, "#EXT-X-DISCONTINUITY", second, "#EXT-X-ENDLIST"]));
  return segments.reduce((sum, { length }) => sum + length, 0);
}

describe("a playlist as an input", () => {
  test("as fast as it comes, with the number of the continuous part", async () => {
    const all = serve();
    const input = await open("/x.m3u8");
    expect([input.source.kind, input.source.live, input.repeat()]).toEqual(["hls", false, 1]);
    expect(await octets(input)).toBe(all);
    expect([input.position(), input.repeat()]).toEqual([all, 2]);
    expect(server.headers.at(-1)?.get("user-agent")).toBe("rscap/1.2.3");
  });

  test("in time, as a probe has it", async () => {
    const all = serve();
    const input = await open("/x.m3u8", { live: true, speed: 1 });
    const before = performance.now();
    expect(await octets(input)).toBe(all);
    expect(performance.now() - before).toBeGreaterThan(600);
    expect([input.source.live, input.position(), input.repeat()]).toEqual([true, all, 2]);
  });

  test("what can't be opened says why, and leaves nothing behind", async () => {
    await expect(open("/nowhere.m3u8")).rejects.toMatchObject({
      code: "hls-unavailable",
      exitCode: EXIT.input,
    });
  });

  test("the stop flag ends the wait for a server that does not answer", async () => {
    server.pages.set(
      "/silent.m3u8",
      () => new Promise<Response>((resolve) => setTimeout(() => resolve(new Response("")), 20_000)),
    );
    const stop = running();
    const opening = open("/silent.m3u8", { timeoutMs: 60_000 }, stop);
    await Bun.sleep(100);
    Atomics.store(stop, 0, 1);
    await expect(opening).rejects.toMatchObject({ code: "stopped", exitCode: EXIT.interrupted });
  });
});

describe("settings", () => {
  test("an address that is none, authorities that are none", () => {
    expect(() => hlsInput("http://", "--source (SOURCE)", CONFIG, PLAY)).toThrow("--source (SOURCE)");
    const none = { ...CONFIG, hlsCa: "/nowhere.pem" };
    expect(() => hlsInput("https://host/x", "--source", none, PLAY)).toThrow(
      "--hls-ca (HLS_CA): can't read /nowhere.pem (ENOENT).",
    );
  });

  test("a login: not in the address, not without a user; sent to the server", async () => {
    const inside = (): unknown => hlsInput("https://user:secret@host/x", "--source", CONFIG, PLAY);
    expect(inside).toThrow("--hls-user (HLS_USER)");
    expect(inside).not.toThrow("secret");
    expect(() => hlsInput("https://host/x", "--source", { ...CONFIG, hlsPassword: "secret" }, PLAY)).toThrow(
      "expected a name",
    );
    serve();
    const input = await open("/x.m3u8", { user: "user", password: "p@ss/ü%" });
    await octets(input);
    const login = `Basic ${Buffer.from("user:p@ss/ü%").toString("base64")}`;
    expect(server.headers.slice(-3).map((headers) => headers.get("authorization"))).toEqual([
      login,
      login,
      login,
    ]);
    expect(input.source.name).not.toContain("user");
  });

  test("authorities are read", () => {
    const folder = mkdtempSync(join(tmpdir(), "rscap-hls-ca-"));
    const hlsCa = join(folder, "ca.pem");
    const text = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";
    writeFileSync(hlsCa, text);
    expect(hlsInput("https://host/x", "--source", { ...CONFIG, hlsCa }, PLAY).authorities).toBe(text);
    rmSync(folder, { recursive: true });
  });
});
