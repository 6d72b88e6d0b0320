import { describe, expect, test } from "bun:test";
import { HttpClient, type HttpOptions } from "./http-client.ts";
import { breakingServer, ranged, TestServer } from "./test-server.ts";

const server = new TestServer();
const OCTETS = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) & 0xff);

function client(options: Partial<HttpOptions> = {}): HttpClient {
  return new HttpClient({
    timeoutMs: 5000,
    retries: 2,
    authorities: "",
    userAgent: "rscap/test",
    stop: new AbortController().signal,
    ...options,
  });
}

async function pieces(
  http: HttpClient,
  path: string,
  range: { offset: number; length: number } | null = null,
  limit = 1e9,
) {
  const parts: Uint8Array[] = [];
  const end = await http.pieces(server.url(path), range, limit, (piece) => void parts.push(piece.slice()));
  return { end, octets: Buffer.concat(parts) };
}

describe("whole resources", () => {
  test("with their type, and who asks", async () => {
    server.pages.set("/a.m3u8", "#EXTM3U\n");
    const read = await client().whole(server.url("/a.m3u8"), 100);
    expect(read).toMatchObject({ ok: true, contentType: "application/vnd.apple.mpegurl" });
    expect(read.ok && new TextDecoder().decode(read.octets)).toBe("#EXTM3U\n");
    expect(server.headers.at(-1)?.get("user-agent")).toBe("rscap/test");
  });

  test("user and password of the address become a login", async () => {
    const address = server.url("/a.m3u8");
    address.username = "user";
    address.password = "p%40ss";
    await client().whole(address, 100);
    expect(server.headers.at(-1)?.get("authorization")).toBe(
      `Basic ${Buffer.from("user:p@ss").toString("base64")}`,
    );
  });

  test("more than the limit is not read, and not asked for again", async () => {
    server.pages.set("/large", OCTETS);
    const http = client();
    expect(await http.whole(server.url("/large"), 99_999)).toMatchObject({
      ok: false,
      why: "it is larger than 99999 octets",
    });
    expect(http.retries).toBe(0);
  });

  test("404 is not asked for again, 503 is", async () => {
    const http = client();
    expect(await http.whole(server.url("/nowhere"), 10)).toMatchObject({
      ok: false,
      status: 404,
      why: "the server answered 404 Not Found",
    });
    expect(http.retries).toBe(0);
    server.pages.set("/busy", (_, times) => new Response("here", { status: times < 3 ? 503 : 200 }));
    expect(await http.whole(server.url("/busy"), 10)).toMatchObject({ ok: true });
    expect(http.retries).toBe(2);
  });

  test("nobody there", async () => {
    const gone = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") });
    const address = new URL(`http://127.0.0.1:${gone.port}/`);
    await gone.stop(true);
    expect(await client({ retries: 0 }).whole(address, 10)).toMatchObject({
      ok: false,
      why: "no server answers there (connection refused)",
    });
  });

  test("a server that says nothing is given up", async () => {
    server.pages.set(
      "/silent",
      () => new Promise<Response>((resolve) => setTimeout(() => resolve(new Response("late")), 20_000)),
    );
    const http = client({ timeoutMs: 300, retries: 1 });
    expect(await http.whole(server.url("/silent"), 10)).toMatchObject({
      ok: false,
      why: "the server was silent for 0.3 s",
    });
    expect(http.retries).toBe(1);
  });
});

describe("redirections", () => {
  const to =
    (location: string, status = 302) =>
    () =>
      new Response(null, { status, headers: { location } });

  test("are followed, and the address after them is told", async () => {
    server.pages.set("/from", to("/deep/a.m3u8"));
    server.pages.set("/deep/a.m3u8", "#EXTM3U\n");
    const http = client();
    const read = await http.whole(server.url("/from"), 100);
    expect(read.ok && read.address.pathname).toBe("/deep/a.m3u8");
    expect(http.redirections).toBe(1);
  });

  test("in a circle come to an end", async () => {
    server.pages.set("/circle", to("/circle", 307));
    expect(await client().whole(server.url("/circle"), 100)).toMatchObject({
      ok: false,
      why: "it was redirected more than 5 times",
    });
  });

  test.each(["file:///etc/passwd", "gopher://x/", "http://"])("to %s are not", async (location) => {
    server.pages.set("/away", to(location));
    expect(await client().whole(server.url("/away"), 100)).toMatchObject({
      ok: false,
      why: "it was redirected to what is no HTTP address",
    });
  });
});

describe("piece by piece", () => {
  test("the whole, and a range of it", async () => {
    server.pages.set("/seg", ranged(OCTETS));
    expect((await pieces(client(), "/seg")).octets.equals(OCTETS)).toBe(true);
    const part = await pieces(client(), "/seg", { offset: 500, length: 1000 });
    expect(part.end).toMatchObject({ ok: true, octets: 1000 });
    expect(part.octets.equals(OCTETS.subarray(500, 1500))).toBe(true);
  });

  test("a server without ranges sends it all; what is not wanted is passed over", async () => {
    server.pages.set("/whole", OCTETS);
    const part = await pieces(client(), "/whole", { offset: 500, length: 1000 });
    expect(part.octets.equals(OCTETS.subarray(500, 1500))).toBe(true);
  });

  test("a range that is shorter than was said", async () => {
    server.pages.set("/seg", ranged(OCTETS));
    const part = await pieces(client({ retries: 0 }), "/seg", { offset: 99_000, length: 2000 });
    expect(part.end).toMatchObject({ ok: false, why: "the server sent less than the range asked for" });
  });

  test.each([true, false])(
    "a broken connection is gone on with where it stood (ranges: %p)",
    async (ranges) => {
      const http = client();
      const parts: Uint8Array[] = [];
      const address = breakingServer(OCTETS, 40_000, ranges);
      const end = await http.pieces(address, null, 1e9, (piece) => void parts.push(piece.slice()));
      expect(end).toMatchObject({ ok: true, octets: OCTETS.length });
      expect(Buffer.concat(parts).equals(OCTETS)).toBe(true);
      expect(http.retries).toBe(1);
    },
  );

  test("another part than was asked for is refused", async () => {
    server.pages.set(
      "/other",
      () =>
        new Response(OCTETS.subarray(0, 10), {
          status: 206,
          headers: { "content-range": "bytes 0-9/100000" },
        }),
    );
    const part = await pieces(client(), "/other", { offset: 500, length: 10 });
    expect(part.end).toMatchObject({ ok: false, why: "the server sent another part than was asked for" });
    expect(part.octets).toHaveLength(0);
  });

  test("no more than the limit is handed on", async () => {
    const { end, octets } = await pieces(client(), "/whole", null, 1234);
    expect(end).toMatchObject({ ok: false, why: "it is larger than 1234 octets" });
    expect(octets).toHaveLength(1234);
  });

  test("whoever takes the pieces may be slow: that is no silence of the server, and not its time", async () => {
    const http = client({ timeoutMs: 200, retries: 0 });
    let waitedMs = 0;
    const end = await http.pieces(server.url("/whole"), null, 1e9, async () => {
      const beforeMs = performance.now();
      await Bun.sleep(waitedMs === 0 ? 600 : 1);
      waitedMs += performance.now() - beforeMs;
    });
    expect(end).toMatchObject({ ok: true, octets: OCTETS.length });
    expect(waitedMs).toBeGreaterThanOrEqual(600);
  });

  test("an octet now and then is not waited for for ever", async () => {
    server.pages.set("/drips", () => {
      const body = new ReadableStream({
        async pull(controller) {
          await Bun.sleep(20);
          controller.enqueue(Uint8Array.of(1));
        },
      });
      return new Response(body);
    });
    const read = await client({ timeoutMs: 100, retries: 0 }).whole(server.url("/drips"), 1e6);
    expect(read).toMatchObject({ ok: false, why: "it came too slowly, and was not whole after 1 s" });
  });

  test("all ends at once when it is stopped", async () => {
    const control = new AbortController();
    const http = client({ stop: control.signal });
    const read = http.whole(server.url("/silent"), 10);
    await Bun.sleep(50);
    control.abort();
    expect((await read).ok).toBe(false);
    expect((await http.whole(server.url("/a.m3u8"), 100)).ok).toBe(false);
  });
});
