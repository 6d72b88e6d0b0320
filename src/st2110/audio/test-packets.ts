/** Audio packets for tests: every one made by rule, so that one fault can be put into one of them. */

/** Octets of one RTP packet with its time. */
export interface TestPacket {
  octets: Uint8Array;
  timeNs: number;
  lost: number;
}

/** What `audioPackets` makes; times in nanoseconds after the epoch of the test. */
export interface TestAudio {
  packets: number;
  rateHz: number;
  samples: number;
  channels: number;
  octets: 2 | 3;
  /** Sample `n` of a channel, as an integer of 8 times `octets` bits; by default a sine of half of full scale. */
  sample?: (n: number, channel: number) => number;
  /** RTP timestamp of the first packet. */
  timestamp?: number;
  /** Time of the first packet. */
  startNs?: number;
}

/** RTP header of 12 octets, payload type 97. */
export function rtpPacket(sequence: number, timestamp: number, payload: Uint8Array, ssrc = 7): Uint8Array {
  const octets = new Uint8Array(12 + payload.length);
  const view = new DataView(octets.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, 97);
  view.setUint16(2, sequence & 0xffff);
  view.setUint32(4, timestamp >>> 0);
  view.setUint32(8, ssrc);
  octets.set(payload, 12);
  return octets;
}

/** PCM packets in time with their timestamps. */
export function audioPackets(audio: TestAudio): TestPacket[] {
  const { packets, rateHz, samples, channels, octets, timestamp = 0, startNs = 0 } = audio;
  const full = 2 ** (octets * 8 - 2);
  const sample = audio.sample ?? ((n) => Math.round(full * Math.sin((2 * Math.PI * 997 * n) / rateHz)));
  return Array.from({ length: packets }, (_, packet) => {
    const payload = new Uint8Array(samples * channels * octets);
    for (let n = 0; n < samples; n += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        const value = sample(packet * samples + n, channel);
        const at = (n * channels + channel) * octets;
        for (let octet = 0; octet < octets; octet += 1) {
          payload[at + octet] = (value >> (8 * (octets - 1 - octet))) & 0xff;
        }
      }
    }
    const ticks = packet * samples;
    const octetsOfPacket = rtpPacket(packet, timestamp + ticks, payload);
    return { octets: octetsOfPacket, timeNs: startNs + Math.round((ticks * 1e9) / rateHz), lost: 0 };
  });
}

/** One AM824 word with right parity. */
export function am824Word(
  data: number,
  flags: { b?: boolean; f?: boolean; c?: boolean; v?: boolean },
): number {
  const { b = false, f = false, c = false, v = false } = flags;
  let word = ((Number(c) << 26) | (Number(v) << 24) | (data & 0xffffff)) >>> 0;
  const ones = word.toString(2).split("1").length - 1;
  word |= (Number(b) << 29) | (Number(f) << 28) | ((ones & 1) << 27);
  return word >>> 0;
}

/** AM824 packets of 48 kHz and 1 ms: 48 frames each, blocks from the first on, `status` the 24 octets of all channels. */
export function am824Packets(packets: number, channels: number, status: Uint8Array): TestPacket[] {
  return Array.from({ length: packets }, (_, packet) => {
    const view = new DataView(new ArrayBuffer(48 * channels * 4));
    for (let n = 0; n < 48; n += 1) {
      const frame = packet * 48 + n;
      const bit = frame % 192;
      const c = (((status[bit >> 3] as number) >> (bit & 7)) & 1) === 1;
      for (let channel = 0; channel < channels; channel += 1) {
        const first = channel % 2 === 0;
        const data = Math.round(1e6 * Math.sin(frame / 10)) + channel;
        view.setUint32((n * channels + channel) * 4, am824Word(data, { b: first && bit === 0, f: first, c }));
      }
    }
    const octets = rtpPacket(packet, packet * 48, new Uint8Array(view.buffer));
    return { octets, timeNs: packet * 1e6, lost: 0 };
  });
}
