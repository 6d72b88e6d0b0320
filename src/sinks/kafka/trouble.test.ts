import { expect, test } from "bun:test";
import fc from "fast-check";
import { explain } from "./trouble.ts";

const context = { topic: "rscap", user: "alice" };
const failed = (facts: object, inner?: unknown): Error =>
  Object.assign(
    new Error("outer", { cause: new AggregateError([Object.assign(new Error("inner"), facts)]) }),
    {
      ...(inner === undefined ? {} : { errors: [inner] }),
    },
  );

test.each([
  [{ apiId: "MESSAGE_TOO_LARGE" }, "record", "message.max.bytes"],
  [{ apiId: "INVALID_RECORD" }, "record", "against the topic's rules"],
  [{ apiId: "TOPIC_AUTHORIZATION_FAILED" }, "other", "no permission to write to rscap as alice"],
  [{ apiId: "CLUSTER_AUTHORIZATION_FAILED" }, "other", "no permission to write as alice"],
  [{ apiId: "UNSUPPORTED_SASL_MECHANISM" }, "login", "--kafka-sasl"],
  [{ apiId: "ILLEGAL_SASL_STATE" }, "login", "wants no login"],
  [{ code: "PLT_KFK_AUTHENTICATION" }, "login", "refused the login of alice"],
  [{ apiId: "INVALID_TOPIC_EXCEPTION" }, "other", "takes no topic called rscap"],
  [{ apiId: "UNKNOWN_TOPIC_OR_PARTITION" }, "topic", "there is no topic rscap"],
  [{ message: "Broker requires TLS." }, "other", "--kafka-tls"],
  [{ code: "CERT_HAS_EXPIRED" }, "other", "(CERT_HAS_EXPIRED)"],
  [{ message: "write EPROTO wrong version number" }, "other", "does not speak TLS"],
  [{ name: "TypeError", message: "undefined is not an object" }, "other", "makes no sense (undefined is"],
  [{ code: "PLT_KFK_UNEXPECTED_CORRELATION_ID" }, "other", "makes no sense"],
  [{ code: "ECONNREFUSED" }, "other", "can't be reached (ECONNREFUSED)"],
  [{ message: "Request timed out" }, "other", "does not answer in time"],
  [{ message: "Connection closed" }, "other", "closed the connection"],
  [{ message: "What\u0000a\nmess" }, "other", "What a mess"],
] as const)("%j: %s, %s", (facts, kind, words) => {
  const trouble = explain(failed(facts), context);
  expect(trouble.kind).toBe(kind);
  expect(trouble.text).toContain(words);
});

test("without a user the words say how to name one", () => {
  const nobody = { topic: "rscap", user: "" };
  expect(explain(failed({ apiId: "TOPIC_AUTHORIZATION_FAILED" }), nobody).text).toContain("--kafka-user");
  expect(explain(failed({ message: "Connection closed" }), nobody).text).toContain("--kafka-user");
  expect(explain(failed({ code: "PLT_KFK_AUTHENTICATION" }), nobody).text).toContain("wants a login");
});

test("anything at all: one line that is not too long, errors that hold themselves too", () => {
  const loop = failed({});
  Object.assign(loop, { errors: [loop, loop], cause: loop });
  const unprintable = { toString: "" };
  for (const error of [loop, null, undefined, 7, "text", Symbol("text"), unprintable])
    expect(explain(error, context).text).toBeString();
  fc.assert(
    fc.property(fc.anything(), (error) => {
      const { text } = explain(error, context);
      expect(text).not.toMatch(/[\n\r]/);
      expect(text.length).toBeLessThan(400);
    }),
  );
});
