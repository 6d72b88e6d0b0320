import { expect, test } from "bun:test";
import fc from "fast-check";
import { escapeMarkup } from "./markup.ts";

test("what has a meaning in markup is escaped, what cannot be shown becomes ?", () => {
  expect(escapeMarkup(`<a href="x">'&'</a>`)).toBe("&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  expect(escapeMarkup("a\u0000b\u001bc\u202ed\u200be\ufffff")).toBe("a?b?c?d?e?f");
  expect(escapeMarkup("x\ud800y\tz\n")).toBe("x\ufffdy\tz\n");
  expect(escapeMarkup("Première 日本 😀")).toBe("Première 日本 😀");
});

test("no text becomes markup, or a character that XML 1.0 2.2 forbids", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const escaped = escapeMarkup(text);
      expect(escaped).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
      expect(escaped).toMatch(/^[\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
    }),
  );
});
