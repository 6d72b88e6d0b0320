import { describe, expect, test } from "bun:test";
import { isIP } from "node:net";
import fc from "fast-check";
import { octets } from "../../fixtures/lib/bytes.ts";
import { formatAddress, formatIpv4, formatIpv6, isMulticast, parseAddress } from "./addresses.ts";

const octetsOf = (text: string): Uint8Array => {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(`${text} does not parse`);
  return parsed;
};
const canonical = (text: string) => formatIpv6(octetsOf(text), 0);

test("IPv4 at an offset, in dotted decimal", () => {
  expect(formatIpv4(octets(9, 239, 1, 0, 255), 1)).toBe("239.1.0.255");
  expect(formatAddress(octets(10, 0, 0, 1), 0, 4)).toBe("10.0.0.1");
});

describe("RFC 5952", () => {
  test("4.1: no leading zeros", () => {
    expect(canonical("2001:0db8:0001:0002:0003:0004:0005:0006")).toBe("2001:db8:1:2:3:4:5:6");
  });
  test("4.2.1: :: is as long as it can be", () => {
    expect(canonical("2001:db8:0:0:0:0:2:1")).toBe("2001:db8::2:1");
    expect(canonical("0:0:0:0:0:0:0:0")).toBe("::");
    expect(canonical("0:0:0:0:0:0:0:1")).toBe("::1");
    expect(canonical("ff3e:0:0:0:0:0:0:0")).toBe("ff3e::");
  });
  test("4.2.2: :: does not stand for a single field", () => {
    expect(canonical("2001:db8:0:1:1:1:1:1")).toBe("2001:db8:0:1:1:1:1:1");
  });
  test("4.2.3: the longest run, the first of equals", () => {
    expect(canonical("2001:0:0:1:0:0:0:1")).toBe("2001:0:0:1::1");
    expect(canonical("2001:db8:0:0:1:0:0:1")).toBe("2001:db8::1:0:0:1");
  });
  test("4.3: lower case", () => {
    expect(canonical("2001:DB8::ABCD")).toBe("2001:db8::abcd");
  });
  test("5: an IPv4-mapped address ends in dotted decimal", () => {
    expect(canonical("::FFFF:c000:0201")).toBe("::ffff:192.0.2.1");
    expect(canonical("::fffe:192.0.2.1")).toBe("::fffe:c000:201");
  });
});

test("multicast: 224.0.0.0/4 and ff00::/8", () => {
  const is = (text: string) => isMulticast(octetsOf(text), 0, text.includes(":") ? 6 : 4);
  expect(["224.0.0.0", "239.255.255.255", "ff02::1"].map(is)).toEqual([true, true, true]);
  expect(["223.255.255.255", "240.0.0.0", "fe80::1"].map(is)).toEqual([false, false, false]);
});

test("what is no address does not parse", () => {
  const wrong = [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.",
    "1.2.3.4 ",
    "a.b.c.d",
    "+1.2.3.4",
    "1e1.2.3.4",
    ":",
    ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "12345::",
    "g::",
    "::1.2.3",
    "1.2.3.4::",
    "1:2:3:4:5:6:7::8:9",
    "1:2:3:4:5:6:7:8::",
    "fe80::1%eth0",
    "[::1]",
    ":1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:",
    "::1.2.3.4:5",
  ];
  for (const text of wrong) expect([text, parseAddress(text)]).toEqual([text, null]);
});

test("text and octets go both ways, for any address", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map((a) => octets(...a)),
      ),
      (address) => {
        const version = address.length === 4 ? 4 : 6;
        const text = formatAddress(address, 0, version);
        expect(isIP(text)).toBe(version);
        expect(parseAddress(text)).toEqual(address);
      },
    ),
  );
});

test("accepts exactly what the system's resolver accepts", () => {
  const part = fc.constantFrom("0", "1", "ff", "1234", "255", "256", "01", "::", ":", ":", ".", ".", "g", "");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV4(),
        fc.ipV6(),
        fc.array(part, { maxLength: 16 }).map((p) => p.join("")),
      ),
      (text) => {
        expect([text, parseAddress(text)?.length ?? 0]).toEqual([
          text,
          [0, 0, 0, 0, 4, 0, 16][isIP(text)] as number,
        ]);
      },
    ),
    { numRuns: 2000 },
  );
});
