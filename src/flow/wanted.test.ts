import { describe, expect, test } from "bun:test";
import { missingIn, silentSources, WantedStreams } from "./wanted.ts";

const GROUP = { destination: "239.1.1.1", port: 5000, source: "" };
const SPECIFIC = { destination: "ff3e::1", port: 6000, source: "2001:db8::1" };

describe("streams that were asked for", () => {
  test("group and port, and the sender where one is named", () => {
    const wanted = new WantedStreams([GROUP, SPECIFIC]);
    expect(wanted.accepts("10.0.0.1", "239.1.1.1", 5001)).toBe(false);
    expect(wanted.accepts("2001:db8::2", "ff3e::1", 6000)).toBe(false);
    expect(wanted.unheard()).toEqual([GROUP, SPECIFIC]);
    expect(wanted.accepts("10.0.0.1", "239.1.1.1", 5000)).toBe(true);
    expect(wanted.unheard()).toEqual([SPECIFIC]);
    expect(wanted.accepts("2001:db8::1", "ff3e::1", 6000)).toBe(true);
    expect(wanted.unheard()).toEqual([]);
  });

  test("none in particular: all are taken, none is missed", () => {
    const all = new WantedStreams([]);
    expect(all.accepts("10.0.0.1", "239.1.1.1", 1)).toBe(true);
    expect(all.unheard()).toEqual([]);
  });

  test("what is missing in a report", () => {
    const stream = { source: "[2001:db8::1]:4000", destination: "[ff3e::1]:6000" };
    expect(missingIn([stream], [GROUP, SPECIFIC])).toEqual([GROUP]);
    expect(missingIn([{ ...stream, source: "[2001:db8::2]:4000" }], [SPECIFIC])).toEqual([SPECIFIC]);
    expect(missingIn([{ source: null, destination: null }], [GROUP])).toEqual([GROUP]);
  });

  test("the finding names them as they were asked for", () => {
    expect(silentSources([])).toBeNull();
    expect(silentSources([GROUP, SPECIFIC])).toMatchObject({
      code: "source-silent",
      severity: "error",
      count: 2,
    });
    expect(silentSources([GROUP, SPECIFIC])?.text).toEndWith(
      "the senders, the device, the group and the port: 239.1.1.1:5000, [2001:db8::1]@[ff3e::1]:6000.",
    );
  });
});
