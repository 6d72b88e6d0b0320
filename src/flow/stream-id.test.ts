import { describe, expect, test } from "bun:test";
import { fileStreamId, streamId } from "./stream-id.ts";

const GROUP = { address: "239.1.1.1", port: 5000 };
const SENDER = { address: "10.0.0.1", port: 1234 };

describe("streamId", () => {
  test("is destination and port, then the VLANs from the outside in", () => {
    expect(streamId(GROUP, SENDER, [], () => false)).toBe("239.1.1.1-5000");
    expect(streamId(GROUP, SENDER, [100, 7], () => false)).toBe("239.1.1.1-5000-v100-v7");
  });

  test("a second sender on the same destination adds itself", () => {
    const taken = new Set(["239.1.1.1-5000"]);
    expect(streamId(GROUP, SENDER, [], (id) => taken.has(id))).toBe("239.1.1.1-5000-from-10.0.0.1-1234");
    taken.add("239.1.1.1-5000-from-10.0.0.1-1234");
    expect(streamId(GROUP, SENDER, [], (id) => taken.has(id))).toBe("239.1.1.1-5000-from-10.0.0.1-1234-2");
  });

  test("IPv6 has no colons, which are trouble in file names", () => {
    const id = streamId({ address: "ff3e::8000:1", port: 5004 }, SENDER, [], () => false);
    expect(id).toBe("ff3e__8000_1-5004");
  });
});

describe("fileStreamId", () => {
  test("is the file's name without folder and ending", () => {
    expect(fileStreamId("/media/day 1/feed.m2ts.gz")).toBe("feed");
    expect(fileStreamId("capture-239.1.1.1-5000.ts")).toBe("capture-239.1.1.1-5000");
    expect(fileStreamId("Das Erste.ts")).toBe("Das_Erste");
  });

  test("never is empty", () => {
    expect(fileStreamId("-")).toBe("stdin");
    expect(fileStreamId(".ts")).toBe("file");
  });
});
