import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { EXIT, RscapError } from "../report/error.ts";
import { formatSendTarget, parseSendTarget } from "./send-target.ts";

describe("--send udp://group:port?iface=…&ttl=…", () => {
  test("IPv4 and IPv6, with and without device and TTL", () => {
    expect(parseSendTarget("udp://239.1.1.1:5000?iface=eth0.10&ttl=16")).toEqual({
      address: Uint8Array.of(239, 1, 1, 1),
      ipVersion: 4,
      port: 5000,
      multicast: true,
      iface: "eth0.10",
      ttl: 16,
      setting: "--send",
    });
    const six = parseSendTarget("udp://[fe80::1]:1/?iface=lo");
    expect(six).toMatchObject({ ipVersion: 6, port: 1, multicast: false, iface: "lo", ttl: null });
    expect(six.address.length).toBe(16);
    expect(parseSendTarget("UDP://10.0.0.1:65535")).toMatchObject({ multicast: false, iface: "", ttl: null });
  });

  test("and back", () => {
    for (const text of ["239.1.1.1:5000", "[ff3e::1]:5000"]) {
      expect(formatSendTarget(parseSendTarget(`udp://${text}`))).toBe(text);
    }
  });

  const wrong: [text: string, says: string][] = [
    ["239.1.1.1:5000", "not a destination"],
    ["rtp://239.1.1.1:5000", "not a destination"],
    ["udp://239.1.1.1", "not a destination"],
    ["udp://a@239.1.1.1:5000", "not a destination"],
    ["udp://239.1.1.1:0", 'the port "0"'],
    ["udp://239.1.1.1:65536", 'the port "65536"'],
    ["udp://239.1.1.256:5000", '"239.1.1.256" is not'],
    ["udp://[239.1.1.1]:5000", '"239.1.1.1" is not'],
    ["udp://0.0.0.0:5000", '"0.0.0.0" is no destination'],
    ["udp://239.1.1.1:5000?ttl=0", 'ttl "0"'],
    ["udp://239.1.1.1:5000?ttl=256", 'ttl "256"'],
    ["udp://239.1.1.1:5000?iface=", 'iface ""'],
    ["udp://239.1.1.1:5000?iface=a/b", 'iface "a/b"'],
    ["udp://239.1.1.1:5000?pkt_size=1316", 'the parameter "pkt_size" is not known'],
  ];
  for (const [text, says] of wrong) {
    test(`${text} is refused`, () => {
      expect(() => parseSendTarget(text, "--send (REPLAY_SEND)")).toThrow(says);
      expect(() => parseSendTarget(text, "--send (REPLAY_SEND)")).toThrow("--send (REPLAY_SEND): ");
    });
  }

  test("any text: a target or a usage error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((tail) => `udp://239.1.1.1:5${tail}`),
        ),
        (text) => {
          try {
            expect(parseSendTarget(text).port).toBeGreaterThan(0);
          } catch (error) {
            if (!(error instanceof RscapError)) throw error;
            expect(error.exitCode).toBe(EXIT.usage);
          }
        },
      ),
    );
  });
});
