import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseRecord, putPrefix, RECORD_PREFIX_BYTES } from "./record.ts";

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a message comes out of its record as it went in", () => {
  const prefix = new Uint8Array(RECORD_PREFIX_BYTES);
  putPrefix(prefix, 2 ** 40, 7, 3, 5, 6);
  const record = parseRecord(Buffer.concat([prefix, octets("runtopicheaderpayload")]));
  expect(record).toMatchObject({ run: "run", sequence: 2 ** 40, datagrams: 7 });
  const parts = [record?.topic, record?.header, record?.payload];
  expect(parts.map((part) => new TextDecoder().decode(part))).toEqual(["topic", "header", "payload"]);
});

test("any octets: a message within them or null, never an exception", () => {
  const numbers = fc.tuple(fc.double(), fc.nat(), fc.nat(60), fc.nat(60), fc.nat(60));
  fc.assert(
    fc.property(numbers, fc.uint8Array({ maxLength: 100 }), (given, rest) => {
      const prefix = new Uint8Array(RECORD_PREFIX_BYTES);
      putPrefix(prefix, ...given);
      const record = parseRecord(Buffer.concat([prefix, rest]));
      const [sequence, , run, topic, header] = given;
      const fits = run + topic + header <= rest.length && Number.isSafeInteger(sequence) && sequence >= 0;
      expect(record !== null).toBe(fits);
      if (record !== null) expect(run + topic + header + record.payload.length).toBe(rest.length);
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (given) => parseRecord(given) === null));
});
