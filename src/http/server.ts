import type { Server } from "bun";
import { environmentError, type RscapError } from "../report/error.ts";
import { TokenCheck } from "./token.ts";

/** What a page answers. */
export interface HttpReply {
  readonly status: number;
  /** The media type, for the header. */
  readonly type: string;
  readonly body: string;
}

/** One path of a server. */
export interface HttpPage {
  /** May be read without the token: says nothing that nobody may know. */
  readonly open: boolean;
  /** The answer to a GET; `accept` is that header, empty without one. */
  readonly get: (accept: string) => HttpReply;
}

/** What a server needs. */
export interface HttpOptions {
  /** Address or name, IPv6 without brackets; port 0 takes any that is free. */
  readonly host: string;
  readonly port: number;
  /** Only this machine can reach it; requests for other names than its own are then refused. */
  readonly loopback: boolean;
  /** Certificate chain and private key as PEM; null for plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Bearer token that requests must have; empty for none. */
  readonly token: string;
  /** By path, which begins with `/`. */
  readonly pages: Readonly<Record<string, HttpPage>>;
  /** The setting that asked for it, for errors: `--metrics (METRICS)`. */
  readonly setting: string;
}

/** Longest path with query; those of ours are short. */
const LONGEST_TARGET = 2048;

/** A connection on which nothing comes for this long is closed. */
const IDLE_SECONDS = 10;

/** Smaller answers are sent as they are. */
const LEAST_COMPRESSED = 4096;

const PLAIN = "text/plain; charset=utf-8";

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'",
  "x-content-type-options": "nosniff",
} as const;

/**
 * A small HTTP server for pages that are made when they are asked for: GET and HEAD only, no request bodies, short
 * targets, a bearer token. Whatever comes, it answers or closes; it never throws once it stands.
 */
export class HttpServer {
  /** Answers so far, by status. */
  readonly answers = new Map<number, number>();
  readonly #options: HttpOptions;
  readonly #token: TokenCheck;
  readonly #server: Server<undefined>;

  /** Listens; throws an environment error (address in use, no such address, bad certificate). */
  constructor(options: HttpOptions) {
    this.#options = options;
    this.#token = new TokenCheck(options.token);
    try {
      this.#server = Bun.serve({
        hostname: options.host,
        port: options.port,
        idleTimeout: IDLE_SECONDS,
        // 0 would mean no limit.
        maxRequestBodySize: 1,
        development: false,
        // Said, since without development mode Bun shares the port with whoever asks for it, too.
        reusePort: false,
        ...(options.tls === null ? {} : { tls: { cert: options.tls.cert, key: options.tls.key } }),
        fetch: (request) => this.#answer(request),
        error: () => this.#reply(500, "internal error\n"),
      });
    } catch (error) {
      throw listenError(options, error);
    }
  }

  /** Where it listens, with the port that was taken: `http://127.0.0.1:9464`. */
  get url(): string {
    const { host, tls } = this.#options;
    const shown = host.includes(":") ? `[${host}]` : host;
    return `${tls === null ? "http" : "https"}://${shown}:${this.#server.port}`;
  }

  /** Closes it with all its connections. */
  async close(): Promise<void> {
    await this.#server.stop(true);
  }

  #answer(request: Request): Response {
    const { method, url, headers } = request;
    if (url.length > LONGEST_TARGET) return this.#reply(414, "the address is too long\n");
    const target = URL.parse(url);
    if (target === null) return this.#reply(400, "the address or the Host header is not valid\n");
    const { pathname, hostname } = target;
    // A page of the Web may give a name of its own this machine's address and so read what is on loopback.
    if (this.#options.loopback && !isOwnName(hostname)) {
      return this.#reply(403, "only for requests to this machine by address or as localhost\n");
    }
    const page = Object.hasOwn(this.#options.pages, pathname) ? this.#options.pages[pathname] : undefined;
    if (page?.open !== true && !this.#token.accepts(headers.get("authorization"))) {
      return this.#reply(401, "a bearer token is needed\n", { "www-authenticate": "Bearer" });
    }
    if (page === undefined) return this.#reply(404, "there is no such page\n");
    if (method !== "GET" && method !== "HEAD") {
      return this.#reply(405, "only GET and HEAD\n", { allow: "GET, HEAD" });
    }
    const { status, type, body } = page.get(headers.get("accept") ?? "");
    this.#count(status);
    return made(status, type, body, acceptsGzip(headers.get("accept-encoding")));
  }

  #reply(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Response {
    this.#count(status);
    const response = made(status, PLAIN, body, false);
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return response;
  }

  #count(status: number): void {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
  }
}

function made(status: number, type: string, body: string, gzip: boolean): Response {
  const headers = { ...SECURITY_HEADERS, "content-type": type, vary: "accept, accept-encoding" };
  if (!gzip || body.length < LEAST_COMPRESSED) return new Response(body, { status, headers });
  const octets = Bun.gzipSync(new TextEncoder().encode(body));
  return new Response(octets, { status, headers: { ...headers, "content-encoding": "gzip" } });
}

/** True where the client takes gzip (RFC 9110 12.5.3): named, and not with a weight of 0. */
export function acceptsGzip(header: string | null): boolean {
  return (header ?? "").split(",").some((item) => {
    const [coding, ...parameters] = item.toLowerCase().replaceAll(/\s/g, "").split(";");
    return coding === "gzip" && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

/** An address, or a name that no name server can point elsewhere. */
function isOwnName(hostname: string): boolean {
  return hostname === "localhost" || hostname.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}

function listenError({ host, port, tls, setting }: HttpOptions, error: unknown): RscapError {
  const where = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") {
    return environmentError(
      "address-in-use",
      `${setting}: expected ${where} to be free, but another program listens there. Name another port, or stop that program.`,
      error,
    );
  }
  if (code === "EACCES" || code === "EPERM") {
    return environmentError(
      "no-permission",
      `${setting}: no permission to listen at ${where}. Ports below 1024 are for root: name a higher one.`,
      error,
    );
  }
  const about = tls === null ? "" : " Check --http-cert (HTTP_CERT) and --http-key (HTTP_KEY), too.";
  return environmentError(
    "http-server",
    `${setting}: cannot listen at ${where}: ${message}. Name an address of this machine.${about}`,
    error,
  );
}
