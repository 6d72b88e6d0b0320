import { expect, test } from "bun:test";
import fc from "fast-check";
import { buildTopic, KINDS, parseTopic, TOPIC_MAX_BYTES, topicLevel } from "./topic.ts";

test("a topic is rscap/1/<probe>/<stream>/<kind>", () => {
  expect(buildTopic("studio-1", "239.1.1.1-5000", "ts")).toBe("rscap/1/studio-1/239.1.1.1-5000/ts");
  expect(parseTopic("rscap/1/studio-1/239.1.1.1-5000/ts")).toEqual({
    probe: "studio-1",
    stream: "239.1.1.1-5000",
    kind: "ts",
  });
});

test("names that do not fit are made to fit", () => {
  expect(topicLevel("")).toBe("-");
  expect(topicLevel("a/b c\n")).toBe("a_b_c_");
  expect(topicLevel("Zürich")).toBe("Zürich");
});

test("whatever the names, the topic can be read back", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constantFrom(...KINDS),
      (probe, stream, kind) => {
        const topic = buildTopic(probe, stream, kind);
        expect(parseTopic(topic)).toEqual({ probe: topicLevel(probe), stream: topicLevel(stream), kind });
        expect(new TextEncoder().encode(topic).length).toBeLessThanOrEqual(TOPIC_MAX_BYTES);
      },
    ),
  );
});

test("what is none of ours is refused, and no text throws", () => {
  for (const text of [
    "",
    "rscap",
    "rscap/1/a/b",
    "rscap/1/a/b/ts/x",
    "rscap/2/a/b/ts",
    "rscap/1//b/ts",
    "rscap/1/a/b/tsx",
    "rscap/1/a\n/b/ts",
    `rscap/1/${"a".repeat(129)}/b/ts`,
  ]) {
    expect(parseTopic(text)).toBeNull();
  }
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => parseTopic(text) === null));
});
