import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Ack, ackEndpointFor, decodeAcks, encodeAcks, helloFrom, helloTopic } from "./acks.ts";

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

test("what is encoded is decoded", () => {
  const acks: Ack[] = [
    { run: "0a1b2c3d", topic: "rscap/1/studio/239.1.1.1-5000/ts", next: 17 },
    { run: "0a1b2c3d", topic: "rscap/1/studio/-/report", next: 0 },
  ];
  expect(decodeAcks(octets(encodeAcks(acks)))).toEqual(acks);
});

test("any octets and any JSON: acknowledgements or null, never an exception", () => {
  fc.assert(fc.property(fc.uint8Array(), (given) => decodeAcks(given) === null));
  fc.assert(
    fc.property(fc.json(), (text) => {
      const acks = decodeAcks(octets(text));
      for (const { next } of acks ?? []) expect(next).toBeGreaterThanOrEqual(0);
    }),
  );
  expect(decodeAcks(octets('[["run", "topic", -1]]'))).toBeNull();
  expect(decodeAcks(octets(JSON.stringify(Array(65).fill(["run", "topic", 1]))))).toBeNull();
});

test("a hello names its probe, and nothing else is one", () => {
  expect(helloFrom(helloTopic("studio 3"))).toBe("studio_3");
  for (const topic of ["rscap/1/studio/-/report", "rscap/1//-/hello", "rscap/1/a/b/hello", "hello", ""]) {
    expect(helloFrom(topic)).toBeNull();
  }
  fc.assert(fc.property(fc.string(), (given) => helloFrom(given) === null));
});

test("acknowledgements go to the next port, or beside the path", () => {
  expect(ackEndpointFor("tcp://127.0.0.1:5556")).toBe("tcp://127.0.0.1:5557");
  expect(ackEndpointFor("tcp://[::1]:5556")).toBe("tcp://[::1]:5557");
  expect(ackEndpointFor("ipc:///run/rscap")).toBe("ipc:///run/rscap.ack");
  expect([ackEndpointFor("tcp://127.0.0.1:65535"), ackEndpointFor("tcp://127.0.0.1:*")]).toEqual([
    null,
    null,
  ]);
});
