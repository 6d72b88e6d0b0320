/** Where the descriptors of ISO/IEC 13818-1 say that a video stream may have still pictures: octet of the content, bit. */
const FLAGS = new Map<number, readonly [octet: number, bit: number]>([
  [0x02, [0, 0x01]], // video_stream_descriptor, 2.6.2
  [0x28, [3, 0x80]], // AVC_video_descriptor, 2.6.64
  [0x32, [23, 0x80]], // J2K_video_descriptor, 2.6.80
  [0x38, [12, 0x40]], // HEVC_video_descriptor, 2.6.95
  [0x3a, [10, 0x02]], // EVC_video_descriptor
]);
const VVC_VIDEO = 0x39;
const EXTENSION = 0x3f;
const JPEG_XS_VIDEO = 0x14;

/** The flag of VVC_video_descriptor (2.6.129) without sub-profiles, of which each has four octets before it. */
const VVC_FLAG_OCTET = 4;
/** The flag of JPEG_XS_video_descriptor, behind the tag within the extension_descriptor. */
const JPEG_XS_FLAG_OCTET = 29;

/** The descriptor at `buf[at]`, which is whole, says that its video stream may have still pictures. */
export function hasStillPictures(buf: Uint8Array, at: number): boolean {
  const tag = buf[at] as number;
  const flag = FLAGS.get(tag);
  if (flag !== undefined) return flagAt(buf, at, flag[0], flag[1]);
  if (tag === VVC_VIDEO && (buf[at + 1] as number) > 1) {
    return flagAt(buf, at, VVC_FLAG_OCTET + 4 * (buf[at + 3] as number), 0x40);
  }
  if (tag === EXTENSION && (buf[at + 1] as number) > 0 && buf[at + 2] === JPEG_XS_VIDEO) {
    return flagAt(buf, at, JPEG_XS_FLAG_OCTET, 0x80);
  }
  return false;
}

function flagAt(buf: Uint8Array, at: number, octet: number, bit: number): boolean {
  return octet < (buf[at + 1] as number) && ((buf[at + 2 + octet] as number) & bit) !== 0;
}
