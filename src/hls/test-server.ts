/** A server for the tests of this room, on loopback, whose answers are made up. */
import { afterAll } from "bun:test";

/** Octets or text that are sent as they are, or what makes an answer. */
export type Page = Uint8Array | string | ((request: Request, times: number) => Response | Promise<Response>);

/** Serves pages, and keeps what was asked for. */
export class TestServer {
  /** By path, with its slash. */
  readonly pages = new Map<string, Page>();
  /** Paths in the order in which they were asked for. */
  readonly asked: string[] = [];
  readonly headers: Headers[] = [];
  readonly #server: Bun.Server<undefined>;

  constructor() {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 30,
      fetch: (request) => this.#answer(request),
    });
    afterAll(() => this.#server.stop(true));
  }

  /** The address of a page. */
  url(path: string): URL {
    return new URL(path, `http://127.0.0.1:${this.#server.port}`);
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.asked.push(pathname);
    this.headers.push(new Headers(request.headers));
    const page = this.pages.get(pathname);
    if (page === undefined) return new Response("nothing here", { status: 404 });
    if (typeof page === "function")
      return await page(request, this.asked.filter((path) => path === pathname).length);
    const type = pathname.endsWith(".m3u8") ? "application/vnd.apple.mpegurl" : "video/mp2t";
    return new Response(page, { headers: { "content-type": type } });
  }
}

/** Answers as servers do that know ranges. */
export function ranged(octets: Uint8Array): Page {
  return (request) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "") ?? [];
    if (from === undefined) return new Response(octets);
    const end = to === "" || to === undefined ? octets.length : Math.min(Number(to) + 1, octets.length);
    return new Response(octets.subarray(Number(from), end), {
      status: 206,
      headers: { "content-range": `bytes ${from}-${end - 1}/${octets.length}` },
    });
  };
}

/**
 * A server that announces all of `octets`, sends the first `sent` of them, and breaks the first connection off; to
 * later ones it sends the range asked for, or all where it knows no `ranges`.
 */
export function breakingServer(octets: Uint8Array, sent: number, ranges: boolean): URL {
  let connections = 0;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, data) {
        connections++;
        const asked = /range: bytes=(\d+)-/i.exec(data.toString("latin1"))?.[1];
        const from = ranges && asked !== undefined ? Number(asked) : 0;
        const part = octets.subarray(from, connections === 1 ? sent : octets.length);
        const status = from > 0 ? "206 Partial Content" : "200 OK";
        const told = from > 0 ? `content-range: bytes ${from}-${octets.length - 1}/${octets.length}\r\n` : "";
        const head = `HTTP/1.1 ${status}\r\n${told}content-length: ${octets.length - from}\r\nconnection: close\r\n\r\n`;
        socket.end(Buffer.concat([Buffer.from(head), part]));
      },
    },
  });
  afterAll(() => listener.stop(true));
  return new URL(`http://127.0.0.1:${listener.port}/segment.ts`);
}
