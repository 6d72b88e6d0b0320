import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { rootTag } from "./tt-root.ts";

const TT = '<tt xmlns="http://www.w3.org/ns/ttml"><body/></tt>';
const TAG = '<tt xmlns="http://www.w3.org/ns/ttml">';

describe("XML 1.0 2.1 and 2.8: what may stand around the root", () => {
  const around: [before: string, after: string][] = [
    ["", ""],
    [' \n<?xml version="1.0"?>\n<!-- a - b -->\n', "\n \n"],
    ["", "<!-- end -->"],
    ["", "\n<!-- </tt> -->\n<?pi ?>\n<!---->"],
    ["<?pi a ? b?>", "<?pi a ? b?>"],
    ["<!DOCTYPE tt>", ""],
    ['<?xml version="1.0"?><!DOCTYPE tt SYSTEM "a>b"><!-- a -->', "<?pi?>"],
    [`<!DOCTYPE tt PUBLIC '-//W3C//"' "tt.dtd" [<!ENTITY a "]>"> <!-- it's ]> --> <?pi ]> ' ?>]>`, ""],
  ];
  for (const [before, after] of around) {
    test(`${before} … ${after}`, () => expect(rootTag(before + TT + after)).toBe(TAG));
  }

  test("a root of one tag, with a prefix, or with > in an attribute", () => {
    expect(rootTag("<tt/><!-- end -->")).toBe("<tt/>");
    expect(rootTag('<t:tt a=">" b=\'"\'>x</t:tt >\n')).toBe('<t:tt a=">" b=\'"\'>');
  });
});

test("no tt from end to end", () => {
  const wrong = [
    ...["", " ", "<tt>", "<tt", '<tt a=">', "</tt>", "<ttx></ttx>", "<p></p>", "x<tt></tt>", "<tt></tt>x"],
    ...["<!-- a", "<!-- a -->", "<?pi", "<!DOCTYPE tt", "<!DOCTYPE tt [>", '<!DOCTYPE tt "><tt></tt>'],
    ...["<tt><!-- </tt> -->", "<tt></tt><!-- a", "<tt></tt>-->", "<tt></tt>?>", "<!-- <tt></tt> -->"],
  ];
  for (const text of wrong) expect([text, rootTag(text)]).toEqual([text, null]);
});

test("any pieces: no exception; a megabyte of them is read once", () => {
  const piece = fc.constantFrom(
    "<tt",
    "</tt>",
    ">",
    "<!--",
    "-->",
    "<?",
    "?>",
    "<!DOCTYPE",
    "[",
    "]",
    '"',
    "'",
    " ",
    "x",
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => void rootTag(pieces.join(""))));
  for (const again of [
    "<!---->",
    "<?a?>",
    " ",
    "<tt ",
    "-->",
    "?>",
    "<!--",
    "<!DOCTYPE",
    "</tt>",
    "[",
    '"',
  ]) {
    const many = again.repeat(Math.ceil(2 ** 20 / again.length));
    for (const text of [many, TT + many, many + TT, `<tt ${many}`, `<!DOCTYPE ${many}`]) rootTag(text);
  }
});
