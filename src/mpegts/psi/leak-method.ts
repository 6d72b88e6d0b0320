/**
 * The descriptor by which data of a video stream go from MBn to EBn by the stream's own schedule, not by the leak method
 * of the T-STD. Offsets are those of the flag's octet in the content.
 */
interface Schedule {
  readonly tag: number;
  /** Tag within the extension_descriptor, or -1. */
  readonly extension: number;
  readonly bit: number;
  /** Value of the flag where the leak method is not used. */
  readonly scheduled: boolean;
}

/** leak_valid_flag of the STD_descriptor (ISO/IEC 13818-1 2.6.32): without it vbv_delay may rule (2.4.2.3). */
const STD: Schedule = { tag: 0x11, extension: -1, bit: 0x01, scheduled: false };
/** hrd_management_valid_flag of AVC (2.6.66) and HEVC (2.6.97): with it the HRD rules (2.14.3.1, 2.17.2). */
const AVC_HRD: Schedule = { tag: 0x2a, extension: -1, bit: 0x80, scheduled: true };
const HEVC_HRD: Schedule = { tag: 0x3f, extension: 0x03, bit: 0x80, scheduled: true };

const SCHEDULES = new Map<string, Schedule>([
  ["mpeg1video", STD],
  ["mpeg2video", STD],
  ["avc", AVC_HRD],
  ["hevc", HEVC_HRD],
]);

/** The descriptor at `buf[at]`, which is whole, says that a stream of `codec` doesn't go by the leak method. */
export function forbidsLeak(codec: string, buf: Uint8Array, at: number): boolean {
  const schedule = SCHEDULES.get(codec);
  if (schedule === undefined || buf[at] !== schedule.tag) return false;
  const within = schedule.extension >= 0;
  if (within && buf[at + 2] !== schedule.extension) return false;
  const octet = within ? 1 : 0;
  if ((buf[at + 1] as number) <= octet) return false;
  return (((buf[at + 2 + octet] as number) & schedule.bit) !== 0) === schedule.scheduled;
}
