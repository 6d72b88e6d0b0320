import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SunkDocument } from "./document-sink.ts";

const origin = { probe: "studio", stream: "-", kind: "report", receivedMs: 1 } as const;

describe("a document for the sinks", () => {
  test("is parsed from what came, and rendered from what was made here", () => {
    const came = new SunkDocument(origin, new TextEncoder().encode('{"a":[1]}'));
    expect(came.value).toEqual({ a: [1] });
    expect(came.value).toBe(came.value);
    const made = new SunkDocument(origin, { a: [1] });
    expect(new TextDecoder().decode(made.octets)).toBe('{"a":[1]}');
    expect(made.octets).toBe(made.octets);
  });

  test("is null where it is no object", () => {
    for (const text of ["", "[]", "null", "7", '{"a":']) {
      expect(new SunkDocument(origin, new TextEncoder().encode(text)).value).toBeNull();
    }
    expect(new SunkDocument({ ...origin, kind: "image" }, new TextEncoder().encode("{}")).value).toBeNull();
  });

  test("any octets", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        const document = new SunkDocument(origin, octets);
        expect(document.octets).toBe(octets);
        expect(document.value === null || typeof document.value === "object").toBe(true);
      }),
    );
  });
});
