import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type NetlinkMessage,
  netlinkAttribute,
  netlinkAttributes,
  netlinkRequest,
  parseMessages,
  RTM_GETLINK,
  RTM_GETROUTE,
  RTM_NEWLINK,
} from "./netlink.ts";

describe("netlink", () => {
  test("a dump of the interfaces has loopback", () => {
    const { messages, errno } = netlinkRequest(RTM_GETLINK, new Uint8Array(16), true);
    expect(errno).toBe(0);
    const names = messages.map(({ type, body }) => {
      expect(type).toBe(RTM_NEWLINK);
      return new TextDecoder().decode(netlinkAttributes(body, 16).get(3)).replace("\0", "");
    });
    expect(names).toContain("lo");
  });

  test("a refused request gives its errno", () => {
    expect(netlinkRequest(RTM_GETROUTE, new Uint8Array(2), false).errno).toBeGreaterThan(0);
  });

  test("attributes go in and come back", () => {
    const octets = [
      netlinkAttribute(1, new Uint8Array([9])),
      netlinkAttribute(4, new Uint8Array([1, 2, 3, 4])),
    ];
    const body = new Uint8Array(octets.flatMap((attribute) => [...attribute]));
    expect(body.length).toBe(16);
    const attributes = netlinkAttributes(body, 0);
    expect(attributes.get(1)).toEqual(new Uint8Array([9]));
    expect(attributes.get(4)).toEqual(new Uint8Array([1, 2, 3, 4]));
  });

  test("any octets: no exception, no endless loop, nothing beyond the end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const messages: NetlinkMessage[] = [];
        parseMessages(octets, messages);
        const total = messages.reduce((sum, { body }) => sum + body.length + 16, 0);
        expect(total).toBeLessThanOrEqual(octets.length);
        for (const value of netlinkAttributes(octets, 0).values()) {
          expect(value.length).toBeLessThanOrEqual(octets.length);
        }
      }),
    );
  });
});
