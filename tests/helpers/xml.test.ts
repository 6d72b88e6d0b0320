import { expect, test } from "bun:test";
import { parseXml } from "./xml.ts";

test("elements, attributes and text", () => {
  expect(parseXml('<?xml version="1.0"?>\n<a x="1">\n <b y="0x02"/>\n <c>0F FF</c>\n</a>')).toEqual({
    name: "a",
    attributes: { x: "1" },
    text: "",
    children: [
      { name: "b", attributes: { y: "0x02" }, text: "", children: [] },
      { name: "c", attributes: {}, text: "0F FF", children: [] },
    ],
  });
});

test("what is not whole is refused", () => {
  expect(() => parseXml("<a><b></a>")).toThrow("</a> closes <b>");
  expect(() => parseXml("<a>")).toThrow("no whole XML document");
  expect(() => parseXml("")).toThrow();
});
