import { expect, test } from "bun:test";
import { HLS_REPORT as REPORT } from "../report/fixture-hls.ts";
import type { HlsReport } from "../report/hls-schema.ts";
import { textStyle } from "./layout.ts";
import { hlsLines } from "./text-hls.ts";

test("all that there is to say of a playlist", () => {
  expect(hlsLines(REPORT, 120, textStyle(false))).toEqual([
    "",
    "Playlist https://host/m.m3u8",
    "  Media       https://host/x.m3u8",
    "  Variant     2 of 3, 1280x720, BANDWIDTH 3.000 Mb/s, AVERAGE-BANDWIDTH 2.000 Mb/s, avc1.64001f",
    "  Others      AUDIO English, SUBTITLES Deutsch: not analysed",
    "  Type        live, segments of up to 6 s, last loaded number 2680",
    "  Segments    12 loaded (5.000 MB), 1 failed, 2 passed over, 3 marked as missing, 4 left out (fragmented MP4), 1",
    "              discontinuity",
    "  Rate        1.900 Mb/s mean, 2.500 Mb/s peak segment bit rate",
    "  Loading     20 playlists, 1 that did not come, 2 requests made again, 1 redirection",
  ]);
});

test("nothing that is not there", () => {
  const plain: HlsReport = {
    ...REPORT,
    playlist: REPORT.address,
    type: "event",
    ended: true,
    variant: null,
    renditions: [],
    mediaSequence: null,
    segments: { loaded: 1, failed: 0, passedOver: 0, gaps: 0, leftOut: 0, discontinuities: 0 },
    playlistLoads: 1,
    playlistFailures: 0,
    retries: 0,
    redirections: 0,
  };
  expect(hlsLines(plain, 120, textStyle(false)).slice(2)).toEqual([
    "  Type        growing, ended, segments of up to 6 s",
    "  Segments    1 loaded (5.000 MB)",
    "  Rate        1.900 Mb/s mean, 2.500 Mb/s peak segment bit rate",
    "  Loading     1 playlist",
  ]);
});
