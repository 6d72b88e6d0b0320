import { describe, expect, test } from "bun:test";
import { checkListen, parseListen } from "./listen.ts";

describe("address of an HTTP endpoint", () => {
  test.each([
    [":9464", "127.0.0.1", 9464, true],
    ["9464", "127.0.0.1", 9464, true],
    ["127.8.9.1:80", "127.8.9.1", 80, true],
    ["localhost:0", "localhost", 0, true],
    ["[::1]:9464", "::1", 9464, true],
    ["*:9464", "0.0.0.0", 9464, false],
    ["0.0.0.0:9464", "0.0.0.0", 9464, false],
    ["[2001:db8::1]:65535", "2001:db8::1", 65_535, false],
    ["probe.example.com:9464", "probe.example.com", 9464, false],
    ["127.example.com:9464", "127.example.com", 9464, false],
  ])("%s", (text, host, port, loopback) => {
    expect(parseListen(text)).toEqual({ host, port, loopback });
    expect(checkListen(text)).toBeNull();
  });

  test.each([
    "",
    ":",
    "host",
    ":65536",
    "::1:9464",
    "[127.0.0.1]:80",
    "[x]:80",
    "1.2.3:80",
    "a b:80",
    ":80/",
    ":-1",
  ])("refused: %s", (text) => {
    expect(parseListen(text)).toBeNull();
    expect(checkListen(text)).toStartWith("[host]:port");
  });
});
