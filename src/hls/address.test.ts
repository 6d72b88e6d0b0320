import { expect, test } from "bun:test";
import { isPlaylistAddress, playlistAddress, resolveAddress, shownAddress } from "./address.ts";

test.each([
  ["https://a/b.m3u8", true],
  ["hls+http://a/b", true],
  ["HTTP://a/b", true],
  ["udp://239.1.1.1:5000", false],
  ["http.ts", false],
  ["/tmp/http://x", false],
])("%s: an address of a playlist: %p", (text, expected) => {
  expect(isPlaylistAddress(text)).toBe(expected);
});

test("hls+ is for the source only; what is no address is a usage error that names the setting", () => {
  expect(playlistAddress("hls+https://host/x.m3u8", "--source").href).toBe("https://host/x.m3u8");
  expect(() => playlistAddress("http://", "--source (SOURCE)")).toThrow(
    '--source (SOURCE): "http://" is no address',
  );
});

const BASE = new URL("https://user:pass@host/live/x.m3u8?token=1");

test.each([
  ["a.ts", "https://user:pass@host/live/a.ts"],
  ["/a.ts", "https://user:pass@host/a.ts"],
  ["//other/a.ts", "https://other/a.ts"],
  ["http://host/a.ts", "http://host/a.ts"],
])("%s: the login goes on to the same origin only", (uri, expected) => {
  expect(resolveAddress(uri, BASE)?.href).toBe(expected);
});

test.each([
  "file:///etc/passwd",
  "data:text/plain,x",
  "ftp://host/x",
  "http://",
  "javascript:1",
  `a${"b".repeat(9000)}`,
])("%.30s is never fetched", (uri) => {
  expect(resolveAddress(uri, BASE)).toBeNull();
});

test("what is shown has no password, and no pass in its query", () => {
  const shown = shownAddress(
    new URL("https://user:pass@host/x.m3u8?channel=5&token=0123456789abcdef0123456789abcdef#top"),
  );
  expect(shown).toBe("https://host/x.m3u8?channel=5&token=0123456789abcdef…");
});
