import { describe, expect, test } from "bun:test";
import { BPF_INSN_BYTES, compileForFiles, createLive, libpcapVersion, offlineFilter } from "./libpcap.ts";

describe("libpcap", () => {
  test("tells its version", () => {
    expect(libpcapVersion()).toStartWith("libpcap version 1.");
  });

  test("compiles a filter to instructions, or says in its own words why not", () => {
    const compiled = compileForFiles("udp", 1, 65535);
    expect(compiled.ok && compiled.program.length % BPF_INSN_BYTES).toBe(0);
    expect(compileForFiles("udp prot 5", 1, 65535)).toEqual({
      ok: false,
      text: "can't parse filter expression: syntax error",
    });
    const vlanOnRaw = compileForFiles("vlan", 101, 65535);
    expect(vlanOnRaw.ok ? "" : vlanOnRaw.text).toContain("no VLAN support");
  });

  test("runs a filter on one frame", () => {
    const compiled = compileForFiles("ether[0] = 7 and greater 100", 1, 65535);
    if (!compiled.ok) throw new Error(compiled.text);
    const frame = new Uint8Array([7, 0, 0]);
    expect(offlineFilter(compiled.program, frame, 100)).toBe(65535);
    expect(offlineFilter(compiled.program, frame, 99)).toBe(0);
    expect(offlineFilter(compiled.program, new Uint8Array([8, 0, 0]), 100)).toBe(0);
    expect(offlineFilter(compiled.program, new Uint8Array(0), 100)).toBe(0);
  });

  test("a device that is not there gives a status and words, and closes twice without harm", () => {
    const { handle } = createLive("no-such-device");
    if (handle === null) throw new Error("no handle");
    const result = handle.activate({
      snaplen: 100,
      promiscuous: false,
      bufferBytes: 65536,
      timeoutMs: 10,
      hardwareTimestamps: true,
    });
    expect(result.status).toBeLessThan(0);
    expect(result.text).not.toBe("");
    handle.close();
    handle.close();
    expect(handle.open).toBe(false);
  });
});
