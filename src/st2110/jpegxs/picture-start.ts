/** Octets of what `pictureStart` gives. */
const START_OCTETS = 60;
/** Octets of the boxes before the codestream. */
const BOX_OCTETS = 20;
/** Main444.12, level 4k-2, sublevel 3 bits a pixel (ISO/IEC 21122-2), said by the box and not by the picture header. */
const PROFILE_AND_LEVEL = 0x3a402408;
/** Where Lcod stands in what `pictureStart` gives. */
const LCOD_AT = 30;

/**
 * How a picture segment of `octets` in all begins (RFC 9134 3.4, ISO/IEC 21122-1 A.4): a video support box that holds the
 * profile and level alone, then SOC, CAP and the picture header of a codestream with three components. 60 octets.
 */
export function pictureStart(octets: number, width: number, height: number): Uint8Array {
  const start = new Uint8Array(START_OCTETS);
  const view = new DataView(start.buffer);
  view.setUint32(0, BOX_OCTETS);
  view.setUint32(4, 0x6a707673);
  view.setUint32(8, 12);
  view.setUint32(12, 0x6a78706c);
  view.setUint32(16, PROFILE_AND_LEVEL);
  view.setUint16(20, 0xff10);
  view.setUint32(22, 0xff500002);
  view.setUint32(26, 0xff12001a);
  setPictureOctets(start, octets);
  view.setUint16(38, width);
  view.setUint16(40, height);
  view.setUint8(46, 3);
  return start;
}

/** Has the picture header in `start` (see `pictureStart`) say that the segment has `octets` in all. */
export function setPictureOctets(start: Uint8Array, octets: number): void {
  new DataView(start.buffer, start.byteOffset).setUint32(LCOD_AT, octets - BOX_OCTETS);
}
