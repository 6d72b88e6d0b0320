import { describe, expect, test } from "bun:test";
import { lintPlaylist } from "./lint.ts";
import { parsePlaylist } from "./parse.ts";
import { playlistText, segmentLines } from "./test-segments.ts";
import { withVariables } from "./variables.ts";

const define = (name: string, value: string): string => `#EXT-X-DEFINE:NAME="${name}",VALUE="${value}"`;

describe("RFC 8216bis 4.3, 4.4.2.3: variables", () => {
  test("in addresses, in quotes and in hexadecimal values, from their definition on", () => {
    const text = playlistText([
      define("p", "seg"),
      define("q", "{$p}/2"),
      define("iv", "0".repeat(31)),
      '#EXT-X-KEY:METHOD=AES-128,URI="{$p}/key",IV=0x{$iv}1',
      "#EXTINF:2.0,{$title}",
      "{$p}/{$q}.ts",
    ]);
    const list = parsePlaylist(text);
    const key = { uri: "seg/key", iv: Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0)) };
    expect(list).toMatchObject({ kind: "media", segments: [{ uri: "seg/seg/2.ts", key }] });
    expect(lintPlaylist(text)).toEqual([]);
  });

  test("without EXT-X-DEFINE there are none", () => {
    const list = parsePlaylist(playlistText(segmentLines(["{$p}.ts"])));
    expect(list).toMatchObject({ kind: "media", segments: [{ uri: "{$p}.ts" }] });
  });

  test.each([
    ["not defined", [define("p", "a"), ...segmentLines(["{$q}.ts"])], "uses the variable q"],
    ["defined after", [...segmentLines(["{$q}.ts"]), define("q", "a")], "uses the variable q"],
    ["defined twice", [define("p", "a"), define("p", "b")], "defines the variable p twice"],
    ["without a value", ['#EXT-X-DEFINE:NAME="p"'], "no VALUE"],
    ["of the master playlist", ['#EXT-X-DEFINE:IMPORT="p"'], "IMPORT"],
    ["of the address", ['#EXT-X-DEFINE:QUERYPARAM="p"'], "QUERYPARAM"],
  ])("can't be read where they are %s", (_, lines, why) => {
    const list = parsePlaylist(playlistText(lines));
    expect(list).toMatchObject({ kind: "unreadable", why: expect.stringContaining(why) });
  });

  test("each twice the one before: refused before it fills the memory", () => {
    const doubling = Array.from({ length: 60 }, (_, i) => define(`v${i + 1}`, `{$v${i}}{$v${i}}`));
    const read = withVariables([define("v0", "0123456789"), ...doubling].join("\n"));
    expect(read).toMatchObject({ ok: false, why: expect.stringContaining("too large") });
  });
});
