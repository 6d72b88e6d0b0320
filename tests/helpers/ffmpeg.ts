/** Constant rate of the streams that ffmpeg is asked for. */
export const FFMPEG_MUX_BPS = 1_000_000;

/** PIDs of ffmpeg's mux. */
export const FFMPEG_PIDS = { video: 0x100, audio: 0x101, pmt: 0x1000 } as const;

/**
 * Delay of ffmpeg's mux, in microseconds. Its default of 0.7 s sends audio so early that 11 kB of it wait in the
 * 3584 octets of the T-STD's buffer B (ISO/IEC 13818-1 2.4.2.4): a true Buffer_error, which is not wanted here.
 */
const MAX_DELAY_US = 200_000;

/**
 * ffmpeg's arguments for a stream of small MPEG-2 pictures and MPEG audio at a constant bit rate, which keeps every
 * rule of TR 101 290 that it has tables for. `output` is a path or a URL.
 */
export function ffmpegCbr(seconds: number, output: string, realTime = false): string[] {
  const size = "testsrc2=size=176x144:rate=25";
  const sound = "sine=frequency=1000:sample_rate=48000";
  const pace = realTime ? ["-re"] : [];
  const video = "-c:v mpeg2video -b:v 400k -minrate 400k -maxrate 400k -bufsize 200k -g 12 -bf 2".split(" ");
  const mux = `-muxrate ${FFMPEG_MUX_BPS} -max_delay ${MAX_DELAY_US} -f mpegts`.split(" ");
  return [
    ...["ffmpeg", "-v", "error", "-y"],
    ...[...pace, "-f", "lavfi", "-i", size],
    ...[...pace, "-f", "lavfi", "-i", sound],
    ...["-t", String(seconds)],
    ...video,
    ...["-c:a", "mp2", "-b:a", "128k"],
    ...mux,
    output,
  ];
}
