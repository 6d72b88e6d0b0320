import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needsProgram, testWith } from "../../tests/helpers/skip.ts";
import { RscapError } from "../report/error.ts";
import { acceptsGzip, type HttpOptions, HttpServer } from "./server.ts";

const LONG = "figure 1\n".repeat(1000);
const TOKEN = "0123456789abcdef";

const OPTIONS: HttpOptions = {
  host: "127.0.0.1",
  port: 0,
  loopback: true,
  tls: null,
  token: "",
  setting: "--metrics (METRICS)",
  pages: {
    "/metrics": {
      open: false,
      get: (accept) => ({ status: 200, type: "text/plain", body: `accept ${accept}\n` }),
    },
    "/long": { open: false, get: () => ({ status: 200, type: "text/plain", body: LONG }) },
    "/healthz": { open: true, get: () => ({ status: 503, type: "text/plain", body: "ill\n" }) },
    "/fault": {
      open: true,
      get: () => {
        throw new Error("secret detail");
      },
    },
  },
};

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

function serve(change: Partial<HttpOptions> = {}): HttpServer {
  const server = new HttpServer({ ...OPTIONS, ...change });
  servers.push(server);
  return server;
}

/** Sends `request` as it is, and gives the status line of the answer. */
async function raw(server: HttpServer, request: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let got = "";
  await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(server.url).port),
    socket: {
      open: (socket) => void socket.write(request),
      data(socket, octets) {
        got += octets.toString();
        if (got.includes("\r\n")) socket.end();
      },
      close: () => resolve(got.split("\r\n")[0] ?? ""),
    },
  });
  return await promise;
}

function refusal(change: Partial<HttpOptions>): RscapError {
  try {
    serve(change);
  } catch (error) {
    if (error instanceof RscapError) return error;
  }
  throw new Error("no RscapError came");
}

describe("HTTP server", () => {
  test("GET has the page, HEAD its headers", async () => {
    const server = serve();
    const answer = await fetch(`${server.url}/metrics?x=1`, { headers: { accept: "text/plain" } });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("accept text/plain\n");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    const head = await fetch(`${server.url}/metrics`, { method: "HEAD", headers: { accept: "text/plain" } });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-length")).toBe("18");
    expect(await head.text()).toBe("");
    expect(server.answers.get(200)).toBe(2);
  });

  test("other methods, pages and targets are refused", async () => {
    const server = serve();
    for (const method of ["PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const answer = await fetch(`${server.url}/metrics`, { method });
      expect([method, answer.status, answer.headers.get("allow")]).toEqual([method, 405, "GET, HEAD"]);
    }
    for (const path of ["/", "/metrics/", "/metrics/../x", "/toString", "/__proto__"]) {
      expect((await fetch(server.url + path)).status).toBe(404);
    }
    expect((await fetch(`${server.url}/${"a".repeat(3000)}`)).status).toBe(414);
    expect((await fetch(`${server.url}/metrics`, { method: "POST", body: "x".repeat(100) })).status).toBe(
      413,
    );
  });

  test("what is no sound request is answered with a fault, and the server lives on", async () => {
    const server = serve();
    expect(await raw(server, "GET /metrics HTTP/1.1\r\n\r\n")).toContain(" 400 ");
    expect(await raw(server, "GET /metrics HTTP/1.0\r\n\r\n")).toContain(" 400 ");
    expect(await raw(server, "GET /metrics HTTP/1.1\r\nHost: a b\r\n\r\n")).toContain(" 400 ");
    expect(await raw(server, "\x16\x03\x01 rubbish\r\n\r\n")).toContain(" 400 ");
    const long = `GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"a".repeat(40_000)}\r\n\r\n`;
    expect(await raw(server, long)).toContain(" 431 ");
    expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
  });

  test("a page that fails is a fault without details", async () => {
    const answer = await fetch(`${serve().url}/fault`);
    expect([answer.status, await answer.text()]).toEqual([500, "internal error\n"]);
  });

  test("on loopback only requests by address or as localhost are answered", async () => {
    const server = serve();
    const request = (host: string) => `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    expect(await raw(server, request("attacker.example"))).toContain(" 403 ");
    for (const host of ["localhost:9464", "127.0.0.1", "[::1]:80"]) {
      expect(await raw(server, request(host))).toContain(" 200 ");
    }
    expect(await raw(serve({ loopback: false }), request("probe.example"))).toContain(" 200 ");
  });

  test("with a token only who has it reads, but for the open pages", async () => {
    const server = serve({ token: TOKEN });
    const refused = await fetch(`${server.url}/metrics`);
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    const wrong = { authorization: `Bearer ${TOKEN}x` };
    expect((await fetch(`${server.url}/metrics`, { headers: wrong })).status).toBe(401);
    // Nor does it tell which pages there are.
    expect((await fetch(`${server.url}/nothing`)).status).toBe(401);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await fetch(`${server.url}/metrics`, { headers })).status).toBe(200);
    const health = await fetch(`${server.url}/healthz`);
    expect([health.status, await health.text()]).toEqual([503, "ill\n"]);
  });

  test("long pages are compressed for who takes that", async () => {
    const server = serve();
    const { url } = server;
    const plain = await fetch(`${url}/long`, { headers: { "accept-encoding": "identity" } });
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(await plain.text()).toBe(LONG);
    const small = await fetch(`${url}/long`, { headers: { "accept-encoding": "gzip" } });
    expect(small.headers.get("content-encoding")).toBe("gzip");
    expect(await small.text()).toBe(LONG);
    expect(acceptsGzip("br, GZIP;q=0.5")).toBe(true);
    expect(acceptsGzip("gzip; q=0")).toBe(false);
    expect(acceptsGzip("gzip;q=0.000, br")).toBe(false);
    expect(acceptsGzip(null)).toBe(false);
  });

  test("an address in use, or that is not of this machine, is told with the setting", () => {
    const port = Number(new URL(serve().url).port);
    expect(refusal({ port })).toMatchObject({ code: "address-in-use", exitCode: 4 });
    const foreign = refusal({ host: "192.0.2.7", port: 0 });
    expect(foreign.exitCode).toBe(4);
    expect(foreign.message).toStartWith("--metrics (METRICS): cannot listen at 192.0.2.7:0: EADDRNOTAVAIL");
    const pem = refusal({ tls: { cert: "no certificate", key: "no key" } });
    expect(pem.message).toContain("Check --http-cert (HTTP_CERT) and --http-key (HTTP_KEY), too.");
  });

  const folder = mkdtempSync(join(tmpdir(), "rscap-http-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  testWith(needsProgram("openssl"), "over TLS, and nothing without it", async () => {
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const made = spawnSync("openssl", [
      ...[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
      ],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-keyout", key, "-out", cert],
    ]);
    expect(made.status).toBe(0);
    const pem = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
    const server = serve({ tls: pem, token: TOKEN });
    expect(server.url).toStartWith("https://127.0.0.1:");
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(`${server.url}/metrics`, { headers, tls: { ca: pem.cert } });
    expect(answer.status).toBe(200);
    await expect(fetch(`${server.url}/metrics`, { headers })).rejects.toThrow();
    await expect(fetch(`${server.url.replace("https", "http")}/metrics`)).rejects.toThrow();
  });
});
