// Made from src/wire/header.capnp by scripts/generate-capnp.ts; not to be edited.
import * as $ from "capnp-es";
/** The schema's own number. */
export const _capnpFileId = 0x8aad61b30701b3edn;
/**
 * Capture time of the first packet.
 */
export class Header_FirstTime extends $.Struct {
  static override readonly _capnp = {
    displayName: "firstTime",
    id: "e2e0b6084b575302",
    size: new $.ObjectSize(48, 7),
  };

  get clock(): Clock {
    return $.utils.getUint16(12, this) as Clock;
  }

  set clock(value: Clock) {
    $.utils.setUint16(12, value, this);
  }

  /**
   * Whole seconds, rounded towards minus infinity.
   */
  get seconds(): bigint {
    return $.utils.getInt64(24, this);
  }

  set seconds(value: bigint) {
    $.utils.setInt64(24, value, this);
  }

  /**
   * 0 to 999999999, to be added.
   */
  get nanoseconds(): number {
    return $.utils.getUint32(32, this);
  }

  set nanoseconds(value: number) {
    $.utils.setUint32(32, value, this);
  }

  override toString(): string {
    return "Header_FirstTime_" + super.toString();
  }
}
/**
 * Capture time of the last packet.
 */
export class Header_LastTime extends $.Struct {
  static override readonly _capnp = {
    displayName: "lastTime",
    id: "b3688896202a61b6",
    size: new $.ObjectSize(48, 7),
  };

  get clock(): Clock {
    return $.utils.getUint16(14, this) as Clock;
  }

  set clock(value: Clock) {
    $.utils.setUint16(14, value, this);
  }

  get seconds(): bigint {
    return $.utils.getInt64(40, this);
  }

  set seconds(value: bigint) {
    $.utils.setInt64(40, value, this);
  }

  get nanoseconds(): number {
    return $.utils.getUint32(36, this);
  }

  set nanoseconds(value: number) {
    $.utils.setUint32(36, value, this);
  }

  override toString(): string {
    return "Header_LastTime_" + super.toString();
  }
}
/**
 * What stands before a payload.
 */
export class Header extends $.Struct {
  static override readonly _capnp = {
    displayName: "Header",
    id: "a654cde0cbf58d7c",
    size: new $.ObjectSize(48, 7),
  };

  /**
   * 1. Readers refuse what they do not know.
   */
  get version(): number {
    return $.utils.getUint16(0, this);
  }

  set version(value: number) {
    $.utils.setUint16(0, value, this);
  }

  get kind(): Kind {
    return $.utils.getUint16(2, this) as Kind;
  }

  set kind(value: Kind) {
    $.utils.setUint16(2, value, this);
  }

  /**
   * Datagrams that the packets came in.
   */
  get datagrams(): number {
    return $.utils.getUint32(4, this);
  }

  set datagrams(value: number) {
    $.utils.setUint32(4, value, this);
  }

  /**
   * TS packets of 188 octets, or RTP packets.
   */
  get packets(): number {
    return $.utils.getUint32(8, this);
  }

  set packets(value: number) {
    $.utils.setUint32(8, value, this);
  }

  /**
   * Counts the messages of this probe, stream and kind from 0.
   */
  get sequence(): bigint {
    return $.utils.getUint64(16, this);
  }

  set sequence(value: bigint) {
    $.utils.setUint64(16, value, this);
  }

  /**
   * Capture time of the first packet.
   */
  get firstTime(): Header_FirstTime {
    return $.utils.getAs(Header_FirstTime, this);
  }

  _initFirstTime(): Header_FirstTime {
    return $.utils.getAs(Header_FirstTime, this);
  }

  /**
   * Capture time of the last packet.
   */
  get lastTime(): Header_LastTime {
    return $.utils.getAs(Header_LastTime, this);
  }

  _initLastTime(): Header_LastTime {
    return $.utils.getAs(Header_LastTime, this);
  }

  /**
   * Probe, stream and kind as in the topic.
   */
  get probe(): string {
    return $.utils.getText(0, this);
  }

  set probe(value: string) {
    $.utils.setText(0, value, this);
  }

  /**
   * Changes each time the probe starts: tells a restart from a gap.
   */
  get run(): string {
    return $.utils.getText(1, this);
  }

  set run(value: string) {
    $.utils.setText(1, value, this);
  }

  get stream(): string {
    return $.utils.getText(2, this);
  }

  set stream(value: string) {
    $.utils.setText(2, value, this);
  }

  /**
   * `address:port` of the captured packets' sender, IPv6 in brackets; empty when there is none.
   */
  get source(): string {
    return $.utils.getText(3, this);
  }

  set source(value: string) {
    $.utils.setText(3, value, this);
  }

  get destination(): string {
    return $.utils.getText(4, this);
  }

  set destination(value: string) {
    $.utils.setText(4, value, this);
  }

  /**
   * Where the capture times come from, with their resolution.
   */
  get timestampSource(): string {
    return $.utils.getText(5, this);
  }

  set timestampSource(value: string) {
    $.utils.setText(5, value, this);
  }

  /**
   * Of each RTP packet, in octets; only in messages of kind rtp.
   */
  get lengths(): $.List<number> {
    return $.utils.getList(6, $.Uint32List, this);
  }

  _hasLengths(): boolean {
    return !$.utils.isNull($.utils.getPointer(6, this));
  }

  _initLengths(length: number): $.List<number> {
    return $.utils.initList(6, $.Uint32List, length, this);
  }

  set lengths(value: $.List<number>) {
    $.utils.copyFrom(value, $.utils.getPointer(6, this));
  }

  override toString(): string {
    return "Header_" + super.toString();
  }
}
/**
 * What a message carries.
 */
export const Kind = {
  TS: 0,

  RTP: 1,

  REPORT: 2,

  EVENT: 3,

  IMAGE: 4,
} as const;

/** One of `Kind`. */
export type Kind = (typeof Kind)[keyof typeof Kind];

/**
 * What a time counts from.
 */
export const Clock = {
  /**
   * There is no time.
   */
  NONE: 0,

  /**
   * 1970-01-01T00:00:00Z, without leap seconds.
   */
  UTC: 1,

  /**
   * The start of an input that has no clock.
   */
  START: 2,
} as const;

/** One of `Clock`. */
export type Clock = (typeof Clock)[keyof typeof Clock];
