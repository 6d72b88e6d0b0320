import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { ZMQ_SNDMORE } from "../../ffi/libzmq/constants.ts";
import { libzmq } from "../../ffi/libzmq/libzmq.ts";
import { ZmqContext, type ZmqSocket } from "../../ffi/libzmq/socket.ts";
import { addressOf, alloc } from "../../ffi/memory.ts";
import { encodeZ85 } from "./z85.ts";
import { ZapHandler, type ZapRequest } from "./zap.ts";

// Other tests may keep the machine busy.
setDefaultTimeout(30_000);

/** ZMQ_REQ, which only libzmq's own side of ZAP is. */
const REQ = 3;

function withHandler(
  run: (ask: (parts: readonly Uint8Array[]) => string[], seen: ZapRequest[]) => void,
): void {
  const context = new ZmqContext();
  const handler = new ZapHandler(context);
  const socket = context.socket(REQ);
  socket.connect("inproc://zeromq.zap.01");
  const seen: ZapRequest[] = [];
  const ask = (parts: readonly Uint8Array[]): string[] => {
    for (const [i, part] of parts.entries()) {
      const copy = alloc(part.length);
      copy.set(part);
      const flags = i + 1 < parts.length ? ZMQ_SNDMORE : 0;
      expect(libzmq().zmq_send(socket.handle, addressOf(copy), copy.length, flags)).toBe(part.length);
    }
    for (let i = 0; i < 1000 && !socket.waitReadable(10); i++) {
      handler.poll((request) => {
        seen.push(request);
        return request.publicKey === KEY ? "friend" : null;
      });
    }
    return answer(socket);
  };
  try {
    run(ask, seen);
  } finally {
    handler.close();
    context.close();
  }
}

function answer(socket: ZmqSocket): string[] {
  const room = alloc(256);
  const parts: string[] = [];
  do {
    const bytes = socket.receive(addressOf(room), room.length);
    parts.push(new TextDecoder().decode(room.subarray(0, Math.max(0, bytes))));
  } while (socket.more());
  return parts;
}

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const CREDENTIALS = new Uint8Array(32).fill(7);
const KEY = encodeZ85(CREDENTIALS);
const request = (mechanism: string, ...credentials: Uint8Array[]): Uint8Array[] => [
  ...["1.0", "42", "rscap", "10.0.0.7", "", mechanism].map(octets),
  ...credentials,
];

test("a known key is let in by name, others are not (ZeroMQ RFC 27)", () => {
  withHandler((ask, seen) => {
    expect(ask(request("CURVE", CREDENTIALS))).toEqual(["1.0", "42", "200", "OK", "friend", ""]);
    expect(seen[0]).toEqual({ address: "10.0.0.7", mechanism: "CURVE", publicKey: KEY });
    const refused = ["1.0", "42", "400", "this key is not known here", "", ""];
    expect(ask(request("CURVE", new Uint8Array(32)))).toEqual(refused);
    // A key counts only where it was proven, and only whole.
    expect(ask(request("PLAIN", CREDENTIALS, CREDENTIALS))).toEqual(refused);
    expect(ask(request("NULL"))).toEqual(refused);
    expect(ask(request("CURVE", CREDENTIALS.subarray(0, 31)))).toEqual(refused);
    expect(seen.slice(1).filter(({ publicKey }) => publicKey === KEY)).toEqual([]);
  });
});

test("any request gets an answer, and none of them lets anybody in", () => {
  const part = fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(octets("1.0"), octets("CURVE")));
  withHandler((ask) => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 10 }), (parts) => {
        const reply = ask(parts);
        expect(reply).toHaveLength(6);
        expect(reply[0]).toBe("1.0");
        expect(["400", "500"]).toContain(reply[2] ?? "");
      }),
      { numRuns: 200 },
    );
  });
});
