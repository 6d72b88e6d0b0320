import { afterAll, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { until } from "../helpers/run.ts";
import { addsUp, numbered, openSink } from "./sink.ts";

const LIMIT_MS = 60_000;
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** A broker that answers each request with what `answer` makes of it; the request begins with its length. */
async function hostileBroker(
  answer: (request: Buffer, socket: Socket) => void,
): Promise<{ readonly address: string; readonly requests: () => number }> {
  let requests = 0;
  const server = createServer((socket) => {
    let waiting: Buffer = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE(0)) {
        const end = 4 + waiting.readInt32BE(0);
        requests++;
        answer(waiting.subarray(0, end), socket);
        waiting = waiting.subarray(end);
      }
    });
  });
  servers.push(server);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { address: `127.0.0.1:${port}`, requests: () => requests };
}

/** A whole answer to `request` with these octets behind the correlation id. */
function framed(request: Buffer, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + body.length, 0);
  request.copy(head, 4, 8, 12);
  return Buffer.concat([head, body]);
}

/** Octets from a seed: xorshift. */
function randomOctets(seed: number): (count: number) => Buffer {
  let state = seed | 1;
  return (count) =>
    Buffer.from(
      Array.from({ length: count }, () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        // Many extremes: lengths and counts of 0 and of all ones do the most harm.
        const pick = state & 7;
        return pick === 0 ? 0xff : pick === 1 ? 0 : pick === 2 ? 0x7f : (state >>> 8) & 0xff;
      }),
    );
}

const int16 = (...values: number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const octets = Buffer.alloc(2);
      octets.writeInt16BE(value);
      return octets;
    }),
  );
const int32 = (value: number): Buffer => {
  const octets = Buffer.alloc(4);
  octets.writeInt32BE(value);
  return octets;
};

/** A sound answer to ApiVersions, version 3: what a broker can, these versions alone. */
function apiVersions(): Buffer {
  const apis = [
    [0, 9],
    [3, 12],
    [18, 3],
    [22, 4],
  ] as const;
  const entries = apis.map(([key, version]) => Buffer.concat([int16(key, version, version), Buffer.of(0)]));
  return Buffer.concat([int16(0), Buffer.of(apis.length + 1), ...entries, int32(0), Buffer.of(0)]);
}

const apiOf = (request: Buffer): number => request.readInt16BE(4);

/** Lets a sink have to do with a broker for some requests; it must live, and account for what it took. */
async function survives(
  answer: (request: Buffer, socket: Socket) => void,
  requests: number,
): Promise<string[]> {
  const broker = await hostileBroker(answer);
  const { sink, lines } = openSink({
    brokers: [broker.address],
    topic: "t",
    backoffMs: 2,
    requestTimeoutMs: 1000,
  });
  const rss = process.memoryUsage().rss;
  for (let number = 0; number < 10; number++) sink.take(numbered(number));
  await until(() => broker.requests() >= requests, `${requests} requests`, LIMIT_MS / 2);
  await sink.close(0);
  expect(addsUp(sink.counts())).toBe(true);
  expect(sink.counts()).toMatchObject({ taken: 10, queued: 0 });
  expect(process.memoryUsage().rss - rss).toBeLessThan(256 * 1024 * 1024);
  return [...lines];
}

describe("a broker that lies", () => {
  for (const seed of [1, 2, 3]) {
    test(
      `answers of any octets, seed ${seed}`,
      async () => {
        const octets = randomOctets(seed * 7919);
        let turn = 0;
        await survives((request, socket) => {
          turn++;
          if (turn % 3 === 0) socket.write(octets(1 + (turn % 50)));
          else socket.write(framed(request, octets(turn % 120)));
        }, 150);
      },
      LIMIT_MS,
    );

    test(
      `sound versions, then any octets for metadata and the producer's id, seed ${seed}`,
      async () => {
        const octets = randomOctets(seed * 104_729);
        let turn = 0;
        await survives((request, socket) => {
          turn++;
          const body =
            apiOf(request) === 18 ? apiVersions() : Buffer.concat([Buffer.of(0), octets(turn % 200)]);
          socket.write(framed(request, body));
        }, 150);
      },
      LIMIT_MS,
    );
  }

  test(
    "a length of gigabytes, a negative one, and an answer that never ends",
    async () => {
      for (const length of [0x7fffffff, -5, 0, 3, 5 * 1024 * 1024]) {
        const lines = await survives((_request, socket) => {
          socket.write(Buffer.concat([int32(length), Buffer.alloc(100_000)]));
        }, 3);
        expect(lines.join()).toContain("the broker's answer makes no sense (its length is impossible)");
      }
    },
    LIMIT_MS,
  );

  test(
    "lists and fields that claim to be endless, or to go backwards",
    async () => {
      const negative = Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f);
      const bodies = [
        Buffer.concat([Buffer.of(0), int32(0), negative]),
        Buffer.concat([Buffer.of(0), int32(0), Buffer.of(2), int32(1), negative, Buffer.alloc(50)]),
        Buffer.concat([Buffer.of(0), int32(0), Buffer.of(0xff, 0xff, 0xff, 0xff, 0x07), Buffer.alloc(1000)]),
      ];
      let turn = 0;
      await survives((request, socket) => {
        const body =
          apiOf(request) === 18 ? apiVersions() : (bodies[turn++ % bodies.length] ?? Buffer.alloc(0));
        socket.write(framed(request, body));
      }, 30);
    },
    LIMIT_MS,
  );

  test(
    "no answer at all, and a connection that closes at each question",
    async () => {
      const closed = await survives((_request, socket) => socket.destroy(), 5);
      expect(closed.join()).toContain("the broker closed the connection");
      const silent = await hostileBroker(() => {});
      const { sink, lines } = openSink({ brokers: [silent.address], topic: "t", requestTimeoutMs: 1000 });
      sink.take(numbered(1));
      await until(() => lines.join().includes("the broker does not answer in time"), "it says so", 30_000);
      await sink.close(0);
      expect(sink.counts()).toMatchObject({ taken: 1, dropped: 1 });
    },
    LIMIT_MS,
  );
});
