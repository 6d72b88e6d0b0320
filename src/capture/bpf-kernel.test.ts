import { describe, expect, test } from "bun:test";
import { LINKTYPE } from "../net/linktype.ts";
import { type BpfInstruction, decodeProgram, makeFilter } from "./bpf.ts";
import { acceptAll, forCookedSocket, withSnaplen } from "./bpf-kernel.ts";
import { compileFilter } from "./filter.ts";
import { filterText } from "./filter-live.ts";
import { LIVE_DEFAULTS } from "./live-options.ts";

const SLL_HEADER = [0, 2, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0x08, 0x00];
const IPV4 = [0x45, 0, 0, 40, 0, 1, 0, 0, 8, 17, 0, 0, 10, 0, 0, 1, 239, 1, 1, 1];
const UDP = [0x10, 0, 0x13, 0x88, 0, 20, 0, 0];

const sll = (text: string): Uint8Array => compileFilter(text, { linkType: LINKTYPE.linuxSll }).instructions;

/** What the kernel does for a cooked socket: SKF_AD_PROTOCOL and SKF_AD_PKTTYPE are loads of known values. */
function asKernel(instructions: Uint8Array, protocol: number, packetType: number): Uint8Array {
  const program = instructions.slice();
  const view = new DataView(program.buffer);
  for (let at = 0; at < program.length; at += 8) {
    const k = view.getUint32(at + 4, true);
    if ((view.getUint16(at, true) & 0xe7) !== 0x20 || k < 0xfffff000) continue;
    view.setUint16(at, 0x00, true);
    view.setUint32(at + 4, k === 0xfffff000 ? protocol : packetType, true);
  }
  return program;
}

describe("forCookedSocket", () => {
  test("a filter for SLL frames takes the same packets without their SLL header", () => {
    const packet = new Uint8Array([...IPV4, ...UDP, ...new Array<number>(12).fill(0x47)]);
    const frame = new Uint8Array([...SLL_HEADER, ...packet]);
    for (const text of [
      "udp dst port 5000",
      "udp dst port 5001",
      "ip multicast",
      "ip6",
      "src host 10.0.0.1",
      "arp",
    ]) {
      const instructions = sll(text);
      const cooked = forCookedSocket(instructions);
      if (cooked === null) throw new Error(text);
      const whole = makeFilter({ instructions, text });
      const bare = makeFilter({ instructions: asKernel(cooked, 0x0800, 2), text });
      expect(bare(packet, 0, packet.length, packet.length)).toBe(whole(frame, 0, frame.length, frame.length));
    }
  });

  test("the packet type is asked of the kernel, the link address can't be", () => {
    const loads = decodeProgram(forCookedSocket(sll("outbound")) ?? new Uint8Array(0));
    expect(loads.map(({ k }: BpfInstruction) => k)).toContain(0xfffff004);
    // ldb [6]; ret #1.
    const address = new Uint8Array([0x30, 0, 0, 0, 6, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0]);
    expect(forCookedSocket(address)).toBeNull();
  });
});

test("withSnaplen sets what accepting keeps, and leaves rejecting alone", () => {
  const returns = decodeProgram(withSnaplen(sll("udp"), 96)).filter(({ code }) => code === 0x06);
  expect(returns.map(({ k }) => k).toSorted()).toEqual([0, 96]);
  expect(decodeProgram(acceptAll(77))).toEqual([{ code: 0x06, jumpTrue: 0, jumpFalse: 0, k: 77 }]);
});

test("filterText: the user's own words, else the sources by link type", () => {
  const sources = [{ destination: "239.1.1.1", port: 5000 }];
  const options = { ...LIVE_DEFAULTS, device: "any", sources };
  expect(filterText({ ...options, filter: "udp" }, LINKTYPE.ethernet)).toBe("udp");
  expect(filterText({ ...options, filter: " " }, LINKTYPE.ethernet)).toContain("vlan");
  expect(filterText({ ...options, filter: "" }, LINKTYPE.linuxSll)).not.toContain("vlan");
  expect(filterText({ ...options, sources: [] }, LINKTYPE.ethernet)).toBe("");
});
