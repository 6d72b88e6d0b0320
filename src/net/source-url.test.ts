import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { EXIT, RscapError } from "../report/error.ts";
import { parseSourceUrl } from "./source-url.ts";

describe("a stream address", () => {
  test("any-source multicast", () => {
    expect(parseSourceUrl("udp://239.1.1.1:5000")).toEqual({
      protocol: "udp",
      ipVersion: 4,
      group: "239.1.1.1",
      port: 5000,
      source: "",
      iface: "",
      multicast: true,
    });
  });

  test("source-specific, with a device, over RTP", () => {
    expect(parseSourceUrl("RTP://10.0.0.9@232.1.1.1:20000?iface=enp1s0.100")).toEqual({
      protocol: "rtp",
      ipVersion: 4,
      group: "232.1.1.1",
      port: 20000,
      source: "10.0.0.9",
      iface: "enp1s0.100",
      multicast: true,
    });
  });

  test("IPv6 in brackets, made canonical", () => {
    const url = parseSourceUrl("udp://[2001:DB8:0::1]@[FF3E:0::8000:1]:5004/");
    expect(url).toMatchObject({
      ipVersion: 6,
      group: "ff3e::8000:1",
      source: "2001:db8::1",
      multicast: true,
    });
  });

  test("unicast, and the @ that other players want before a group", () => {
    expect(parseSourceUrl("udp://192.0.2.7:1234").multicast).toBe(false);
    expect(parseSourceUrl("udp://@239.1.1.1:5000").source).toBe("");
  });
});

test("what is wrong is named, with the setting", () => {
  const wrong: [string, string][] = [
    ["239.1.1.1:5000", "not a stream address"],
    ["udp://239.1.1.1:5000/path", "not a stream address"],
    ["udp://239.1.1.1:5000#x", "not a stream address"],
    ["srt://239.1.1.1:5000", 'protocol "srt"'],
    ["udp://239.1.1.1", "port is missing"],
    ["udp://[ff3e::1]", "port is missing"],
    ["udp://239.1.1.1:", 'port ""'],
    ["udp://239.1.1.1:0", 'port "0"'],
    ["udp://239.1.1.1:65536", 'port "65536"'],
    ["udp://239.1.1.1:5e3", 'port "5e3"'],
    ["udp://studio:5000", 'group "studio"'],
    ["udp://:5000", 'group ""'],
    ["udp://ff3e::1:5000", 'group "ff3e::1"'],
    ["udp://[239.1.1.1]:5000", 'group "[239.1.1.1]"'],
    ["udp://0.0.0.0:5000", "no destination"],
    ["udp://10.0.0.300@239.1.1.1:5000", 'source "10.0.0.300"'],
    ["udp://[fd00::1]@239.1.1.1:5000", "different IP versions"],
    ["udp://239.0.0.1@239.1.1.1:5000", "is a multicast group"],
    ["udp://239.1.1.1:5000?ttl=3", 'parameter "ttl"'],
    ["udp://239.1.1.1:5000?iface=", 'iface ""'],
    ["udp://239.1.1.1:5000?iface=a%2Fb", 'iface "a/b"'],
  ];
  for (const [text, what] of wrong) {
    let error: unknown;
    try {
      parseSourceUrl(text, "--source (SOURCE)");
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(RscapError);
    const { message, exitCode } = error as RscapError;
    expect(exitCode).toBe(EXIT.usage);
    expect(message).toContain(what);
    expect(message).toStartWith("--source (SOURCE): ");
    expect(message).toContain(`"${text}"`);
  }
});

test("any text: an address or a usage error, nothing else", () => {
  const part = fc.constantFrom(
    "udp://",
    "rtp:",
    "[",
    "]",
    "@",
    ":",
    "?iface=",
    "%",
    "239.1.1.1",
    "::1",
    "5000",
    "x",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part).map((parts) => parts.join("")),
      ),
      (text) => {
        try {
          expect(parseSourceUrl(text).port).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(RscapError);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
