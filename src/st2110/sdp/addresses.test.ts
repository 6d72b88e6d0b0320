import { describe, expect, test } from "bun:test";
import { readSdp } from "./description.ts";

const HEAD = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=x", "t=0 0"];

/** Media of audio to each of `connections`, with `own` lines in each. */
function media(connections: readonly string[], own: readonly string[] = []): string[] {
  return connections.flatMap((connection) => [
    "m=audio 5004 RTP/AVP 98",
    `c=${connection}`,
    ...own,
    "a=rtpmap:98 L24/48000/2",
    "a=ptime:1",
    "a=ts-refclk:ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:127",
    "a=mediaclk:direct=0",
  ]);
}

/** The faults of a description and who may send each of its media. */
function read(lines: readonly string[]): { faults: string[]; senders: (readonly string[])[] } {
  const { faults, streams } = readSdp([...HEAD, ...lines].join("\n"));
  return {
    faults: faults.map(({ rule, line }) => `${rule} ${line}`),
    senders: streams.map(({ sourceAddresses }) => sourceAddresses),
  };
}

const filter = (destination: string, ...sources: string[]) =>
  `a=source-filter: incl IN IP${destination.includes(":") ? 6 : 4} ${destination} ${sources.join(" ")}`;

describe("RFC 4570 3.1: filters of the session", () => {
  const groups = media(["IN IP4 239.1.1.1/64", "IN IP4 239.1.1.2/64"]);

  test("each is for the media whose address it names", () => {
    const filters = [filter("239.1.1.1", "10.0.0.1"), filter("239.1.1.2", "10.0.0.2")];
    expect(read([...filters, ...groups])).toEqual({ faults: [], senders: [["10.0.0.1"], ["10.0.0.2"]] });
  });

  test("* is for all of them", () => {
    const both = { faults: [], senders: [["10.0.0.1"], ["10.0.0.1"]] };
    expect(read([filter("*", "10.0.0.1"), ...groups])).toEqual(both);
  });

  test("one that no c= has is an error, once", () => {
    const filters = [filter("239.1.1.1", "10.0.0.1"), filter("239.1.1.3", "10.0.0.3")];
    expect(read([...filters, ...groups])).toEqual({
      faults: ["sourceFilter 6"],
      senders: [["10.0.0.1"], []],
    });
  });

  test("the session's own c= counts, whether media inherit it or not", () => {
    const lines = ["c=IN IP4 239.1.1.9/64", filter("239.1.1.9", "10.0.0.9"), ...groups];
    expect(read(lines).faults).toEqual([]);
    const inherited = groups.filter((line) => !line.startsWith("c="));
    expect(read([...lines.slice(0, 2), ...inherited])).toEqual({
      faults: [],
      senders: [["10.0.0.9"], ["10.0.0.9"]],
    });
  });

  test("those of the media stand before it (RFC 8866 6)", () => {
    const own = media(["IN IP4 239.1.1.1/64"], [filter("239.1.1.1", "10.0.0.1")]);
    expect(read([filter("*", "10.0.0.9"), ...own])).toEqual({ faults: [], senders: [["10.0.0.1"]] });
  });

  test("source-specific multicast needs one for its own address (RFC 4607 1)", () => {
    const [first, second] = [media(["IN IP4 232.1.1.1/64"]), media(["IN IP4 232.1.1.2/64"])];
    expect(read([filter("232.1.1.1", "10.0.0.1"), ...first, ...second]).faults).toEqual([
      "sourceFilterMissing 13",
    ]);
  });
});

describe("RFC 4570 3.1: filters of a media", () => {
  test("several are one list of senders", () => {
    const own = [filter("239.1.1.1", "10.0.0.1", "10.0.0.3"), filter("239.1.1.1", "10.0.0.2", "10.0.0.1")];
    expect(read(media(["IN IP4 239.1.1.1/64"], own))).toEqual({
      faults: [],
      senders: [["10.0.0.1", "10.0.0.3", "10.0.0.2"]],
    });
  });

  test("an address in another spelling is the same (RFC 5952)", () => {
    const own = [filter("ff3e:0::8000:1", "2001:DB8::1")];
    expect(read(media(["IN IP6 FF3E::8000:1"], own))).toEqual({ faults: [], senders: [["2001:DB8::1"]] });
  });

  test("a c= of several addresses has a filter for each (RFC 8866 5.7)", () => {
    const three = (destination: string) =>
      read(media(["IN IP4 233.252.0.1/127/3"], [filter(destination, "10.0.0.1")]));
    expect(three("233.252.0.1")).toEqual({ faults: [], senders: [["10.0.0.1"]] });
    expect(three("233.252.0.3")).toEqual({ faults: [], senders: [[]] });
    expect(three("233.252.0.4").faults).toEqual(["sourceFilter 7"]);
    expect(three("233.252.0.0").faults).toEqual(["sourceFilter 7"]);
    const six = (destination: string) =>
      read(media(["IN IP6 ff15::1/3"], [filter(destination, "2001:db8::1")])).faults;
    expect(six("ff15::3")).toEqual([]);
    expect(six("ff15::4")).toEqual(["sourceFilter 7"]);
    expect(six("ff16::1")).toEqual(["sourceFilter 7"]);
  });

  test("a host name can't be compared with an address", () => {
    const own = ["a=source-filter: incl IN * group.example.com cam.example.com"];
    expect(read(media(["IN IP4 239.1.1.1/64"], own))).toEqual({ faults: [], senders: [["cam.example.com"]] });
  });
});
