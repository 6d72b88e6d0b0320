import { describe, expect, test } from "bun:test";
import { ContentGuess } from "./content-guess.ts";
import { audioPackets, type TestAudio } from "./test-packets.ts";

const SINE = (n: number, amplitude: number) =>
  Math.round(amplitude * Math.sin((2 * Math.PI * 997 * n) / 48_000));

function guess(octets: 2 | 3, channels: number, sample: TestAudio["sample"]): string | null {
  const content = new ContentGuess(octets * channels);
  const packets = audioPackets({
    packets: 64,
    rateHz: 48_000,
    samples: 12,
    channels,
    octets,
    sample: sample as never,
  });
  for (const packet of packets) content.add(packet.octets, 12, 12);
  return content.guess();
}

describe("L16 or L24 by content", () => {
  test.each([1, 0.5, 0.01])("all channels at %d of full scale", (level) => {
    expect(guess(3, 2, (n) => SINE(n, level * (2 ** 23 - 1)))).toBe("L24");
    expect(guess(2, 3, (n) => SINE(n, level * (2 ** 15 - 1)))).toBe("L16");
  });

  test.each([0, 1, 2, 3, 4, 5])("only channel %d of six in use", (used) => {
    expect(guess(3, 6, (n, channel) => (channel === used ? SINE(n, 2 ** 20) : 0))).toBe("L24");
    // Channels 0 and 3 of L16 alone are, octet by octet, channels 0 and 2 of L24 with 16 bits in use.
    const l16 = used % 3 === 0 ? null : "L16";
    expect(guess(2, 6, (n, channel) => (channel === used ? SINE(n, 2 ** 12) : 0))).toBe(l16);
  });

  test("16 bits in L24", () => {
    expect(guess(3, 2, (n) => SINE(n, 2 ** 14) * 256)).toBe("L24");
  });

  test("silence tells nothing", () => {
    expect(guess(3, 2, () => 0)).toBeNull();
  });
});
