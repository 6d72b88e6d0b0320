import { type Rule, type RuleCounters, ruleCounters } from "../report/finding.ts";

/** What a playlist, its changes and its segments must be (RFC 8216). */
export const HLS_RULES = {
  unreadable: {
    code: "hls-playlist-unreadable",
    clause: "RFC 8216 4.1, 4.3.1.1",
    severity: "error",
    text: "{count} {answer was|answers were} no playlist: expected #EXTM3U in the first line and the tags of a media playlist. Look at what the server sends there (curl -i).",
  },
  unavailable: {
    code: "hls-playlist-unavailable",
    clause: "RFC 8216 6.3.2",
    severity: "error",
    text: "The playlist could not be loaded {count} {time|times} (no answer, or an error of the server), each time after the retries.",
  },
  encoding: {
    code: "hls-playlist-encoding",
    clause: "RFC 8216 4.1",
    severity: "error",
    text: "{count} {playlist begins|playlists begin} with a byte order mark, or {holds|hold} control characters or what is no UTF-8; players may refuse {it|them}.",
  },
  contentType: {
    code: "hls-content-type",
    clause: "RFC 8216 4",
    severity: "warning",
    text: "{count} {playlist|playlists} came with a Content-Type that is neither application/vnd.apple.mpegurl nor audio/mpegurl, under a name that does not end with .m3u8 or .m3u; players should refuse {it|them}.",
  },
  syntax: {
    code: "hls-syntax",
    clause: "RFC 8216 4.2, 4.3",
    severity: "error",
    text: "{count} {tag is|tags are} written in a way that the standard does not know: a number that is none, an attribute that is missing, a value that is not allowed.",
  },
  mixed: {
    code: "hls-mixed-playlist",
    clause: "RFC 8216 4.1",
    severity: "error",
    text: "{count} {playlist has|playlists have} tags of a media playlist and of a master playlist; a player must fail on {it|them}.",
  },
  repeated: {
    code: "hls-tag-repeated",
    clause: "RFC 8216 4.3.1.2, 4.3.3, 4.3.5",
    severity: "error",
    text: "{count} {tag|tags} that may stand once in a playlist stood there again.",
  },
  order: {
    code: "hls-tag-order",
    clause: "RFC 8216 4.3.3.2, 4.3.3.3",
    severity: "error",
    text: "EXT-X-MEDIA-SEQUENCE or EXT-X-DISCONTINUITY-SEQUENCE stood after the first segment (the latter: after a discontinuity) {count} {time|times}; a player may number the segments wrongly.",
  },
  version: {
    code: "hls-version",
    clause: "RFC 8216 7",
    severity: "error",
    text: "{count} {playlist uses|playlists use} what {its|their} EXT-X-VERSION does not have: fractions in EXTINF need 3, EXT-X-BYTERANGE 4, EXT-X-MAP 6 (5 in an I-frame playlist), IV of a key 2, KEYFORMAT 5.",
  },
  targetMissing: {
    code: "hls-target-duration-missing",
    clause: "RFC 8216 4.3.3.1",
    severity: "error",
    text: "{count} {playlist has|playlists have} no EXT-X-TARGETDURATION, which is required: a player can't know when to load {it|them} again.",
  },
  extinfMissing: {
    code: "hls-extinf-missing",
    clause: "RFC 8216 4.3.2.1",
    severity: "error",
    text: "{count} {segment has|segments have} no EXTINF with a duration, which is required.",
  },
  overTarget: {
    code: "hls-target-duration-exceeded",
    clause: "RFC 8216 4.3.3.1",
    severity: "error",
    text: "{count} {segment lasts|segments last} longer by EXTINF, rounded to whole seconds, than EXT-X-TARGETDURATION says segments may last at most.",
  },
  rangeOffset: {
    code: "hls-byte-range",
    clause: "RFC 8216 4.3.2.2",
    severity: "error",
    text: "{count} EXT-X-BYTERANGE {has|have} no offset, and the segment before is no part of the same resource: nobody can tell which octets are meant.",
  },
  bandwidthMissing: {
    code: "hls-bandwidth-missing",
    clause: "RFC 8216 4.3.4.2",
    severity: "error",
    text: "{count} EXT-X-STREAM-INF {has|have} no BANDWIDTH, which is required, or no address in the line after.",
  },
  codecsMissing: {
    code: "hls-codecs-missing",
    clause: "RFC 8216 4.3.4.2",
    severity: "info",
    text: "{count} EXT-X-STREAM-INF {has|have} no CODECS: a player can't tell without a segment whether it can play the stream.",
  },
  dateJump: {
    code: "hls-date-jump",
    clause: "RFC 8216 4.3.2.6",
    severity: "warning",
    text: "EXT-X-PROGRAM-DATE-TIME moved on {count} {time|times} by more than half a second more or less than the segments between last by EXTINF, without a discontinuity.",
  },
  sequenceBack: {
    code: "hls-media-sequence-back",
    clause: "RFC 8216 6.2.2",
    severity: "error",
    text: "EXT-X-MEDIA-SEQUENCE went back {count} {time|times}; it must never decrease. The packager may have started again, or an old copy came from a cache.",
  },
  segmentChanged: {
    code: "hls-segment-changed",
    clause: "RFC 8216 6.2.1",
    severity: "error",
    text: "{count} {segment|segments} that were listed before stand there with another address, range, duration, key or EXT-X-MAP, or went from the middle or end; a playlist may only be appended to, and lose segments at its start.",
  },
  targetChanged: {
    code: "hls-target-duration-changed",
    clause: "RFC 8216 6.2.1",
    severity: "error",
    text: "EXT-X-TARGETDURATION changed {count} {time|times}; it must stay as it is.",
  },
  discontinuitySequence: {
    code: "hls-discontinuity-sequence",
    clause: "RFC 8216 6.2.2",
    severity: "error",
    text: "The discontinuity sequence number of a segment changed {count} {time|times}: EXT-X-DISCONTINUITY-SEQUENCE must go up by one with each EXT-X-DISCONTINUITY that leaves the playlist.",
  },
  shortPlaylist: {
    code: "hls-playlist-short",
    clause: "RFC 8216 6.2.2",
    severity: "error",
    text: "{count} {playlist|playlists} lost segments at the start although less than three target durations were left: players that are behind run out of segments.",
  },
  typeBroken: {
    code: "hls-playlist-type",
    clause: "RFC 8216 4.3.3.5",
    severity: "error",
    text: "A playlist of type EVENT lost segments at its start {count} {time|times}; it may only be appended to.",
  },
  stale: {
    code: "hls-playlist-stale",
    clause: "RFC 8216 6.2.1",
    severity: "error",
    text: "The playlist had no new segment for more than 1.5 target durations {count} {time|times}: the packager is late or stands still, or a cache keeps an old copy.",
  },
  segmentMissing: {
    code: "hls-segment-unavailable",
    clause: "RFC 8216 6.2.1, 6.2.2",
    severity: "error",
    text: "{count} {segment|segments} that the playlist lists could not be loaded (no answer, an error of the server, or too short), each after the retries; what they held is missing from the analysis.",
  },
  segmentsPassed: {
    code: "hls-segments-passed-over",
    clause: "rscap hls",
    severity: "warning",
    text: "{count} {segment|segments} had left the playlist before they were loaded: this machine or its network is too slow for the stream, or stood still, or the playlist jumped.",
  },
  gap: {
    code: "hls-gap",
    clause: "RFC 8216bis 4.4.4.7",
    severity: "warning",
    text: "{count} {segment is|segments are} marked as missing by EXT-X-GAP: the packager had nothing to put there.",
  },
  slow: {
    code: "hls-slow-download",
    clause: "rscap hls",
    severity: "warning",
    text: "{count} {segment|segments} took longer to load than {it lasts|they last}: a player would stop.",
  },
  format: {
    code: "hls-segment-format",
    clause: "RFC 8216 3.1",
    severity: "error",
    text: "{count} {segment is|segments are} no MPEG-2 transport stream and {was|were} left out: fragmented MP4, packed audio, subtitles, an error page, or encrypted in a way that is not known here.",
  },
  noTables: {
    code: "hls-segment-tables",
    clause: "RFC 8216 3.2",
    severity: "error",
    text: "{count} {segment does|segments do} not hold both a PAT and a PMT, and {has|have} no EXT-X-MAP that does: a player that begins there can't know what the packets are.",
  },
  lateTables: {
    code: "hls-segment-tables-late",
    clause: "RFC 8216 3.2",
    severity: "warning",
    text: "{count} {segment has|segments have} media packets before PAT and PMT: a player that begins there drops them.",
  },
  noEntryPoint: {
    code: "hls-segment-entry-point",
    clause: "RFC 8216 3",
    severity: "warning",
    text: "{count} {segment|segments} with video {holds|hold} no picture that a decoder can begin with: a player that joins or changes the variant there shows nothing until the next.",
  },
  programs: {
    code: "hls-several-programs",
    clause: "RFC 8216 3.2",
    severity: "error",
    text: "{count} {segment holds|segments hold} several programs; a segment must hold one.",
  },
  duration: {
    code: "hls-extinf-wrong",
    clause: "RFC 8216 4.3.2.1",
    severity: "warning",
    text: "{count} {segment lasts|segments last} more than 0.1 s (0.6 s where EXTINF has whole seconds) longer or shorter by {its|their} time stamps than EXTINF says: seeking and the player's clock go wrong.",
  },
  timestampJump: {
    code: "hls-timestamp-jump",
    clause: "RFC 8216 3, 4.3.2.3",
    severity: "error",
    text: "The time stamps of {count} {segment|segments} do not go on from the segment before, without EXT-X-DISCONTINUITY.",
  },
  streamsChanged: {
    code: "hls-streams-changed",
    clause: "RFC 8216 4.3.2.3",
    severity: "error",
    text: "{count} {segment has|segments have} other streams in the PMT (number, PID or type) than the segment before, without EXT-X-DISCONTINUITY.",
  },
  bandwidth: {
    code: "hls-bandwidth-exceeded",
    clause: "RFC 8216 4.3.4.2",
    severity: "error",
    text: "The peak segment bit rate was above BANDWIDTH {count} {time|times}: a player that chose the stream by its link may stop.",
  },
  liveBandwidth: {
    code: "hls-live-bandwidth-exceeded",
    clause: "RFC 8216 4.3.4.2",
    severity: "warning",
    text: "The peak segment bit rate was above BANDWIDTH {count} {time|times}: a player that chose the stream by its link may stop. Of a stream that goes on, BANDWIDTH is what such material is expected to take.",
  },
  averageBandwidth: {
    code: "hls-average-bandwidth-exceeded",
    clause: "RFC 8216 4.3.4.2",
    severity: "warning",
    text: "The mean bit rate of all segments is above AVERAGE-BANDWIDTH.",
  },
  notFetched: {
    code: "hls-renditions",
    clause: "RFC 8216 4.3.4.1",
    severity: "info",
    text: "{count} alternative {rendition has a playlist|renditions have playlists} of {its|their} own and {is|are} not analysed; give {its address|their addresses} to analyse {it|them}.",
  },
  key: {
    code: "hls-key",
    clause: "RFC 8216 4.3.2.4, 5",
    severity: "error",
    text: "{count} {segment|segments} could not be decrypted: the key could not be loaded, is not 16 octets long, or is not the one that the segment was encrypted with.",
  },
  sampleEncrypted: {
    code: "hls-sample-aes",
    clause: "RFC 8216 4.3.2.4",
    severity: "info",
    text: "{count} {segment is|segments are} encrypted by SAMPLE-AES: packets, tables and times are judged, pictures and sound can't be.",
  },
} as const satisfies Record<string, Rule>;

/** Name of a rule. */
export type HlsRule = keyof typeof HLS_RULES;

/** A counter for each rule. */
export type HlsCounters = RuleCounters<HlsRule>;

/** Counts one rule, `n` times or once. */
export type Hit = (rule: HlsRule, n?: number) => void;

/** Counters for all rules, none hit. */
export function hlsCounters(): HlsCounters {
  return ruleCounters(HLS_RULES);
}
