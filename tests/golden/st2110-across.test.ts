import { describe, expect, test } from "bun:test";
import { reportSchema } from "../../src/report/schema.ts";
import { replayed } from "../helpers/replayed.ts";

const VIDEO = "st2110-20:640x360p50,to=239.0.0.1:5000";
const AUDIO = "st2110-30:L24/48000/2,to=239.0.0.2:5000";
const ANCILLARY = "st2110-40:1920x1080p50,to=239.0.0.3:5000";

/** The final report of generated streams. */
async function generated(specs: readonly string[]) {
  const input = { speed: 0, loop: 1, aheadMs: 0, horizonMs: 1, seconds: 0.7, now: false, snapLength: 0 };
  return reportSchema.parse(await replayed("", { inputs: [{ kind: "generator", specs, ...input }] }));
}

describe("streams against each other, from end to end", () => {
  test("video, audio and ancillary data of one clock", async () => {
    const { across, streams, findings } = await generated([VIDEO, AUDIO, ANCILLARY]);
    expect(findings).toEqual([]);
    expect(across).toHaveLength(2);
    const other = (kind: string) => across?.find((each) => each.kind === kind);
    expect(other("anc")).toMatchObject({
      video: "239.0.0.1-5000",
      other: "239.0.0.3-5000",
      mediaClock: "same",
      rrtpOffsetTicks: 0,
    });
    const video = streams.find(({ id }) => id === "239.0.0.1-5000")?.st2110?.video;
    const audio = streams.find(({ id }) => id === "239.0.0.2-5000")?.st2110?.audio;
    const latency = (audio?.timing?.clock.delta?.meanNs ?? 0) - (video?.timing?.latencyNs?.mean ?? 0);
    expect(other("audio")).toMatchObject({ other: "239.0.0.2-5000", mediaClock: "same" });
    expect(latency).not.toBe(0);
    expect(other("audio")?.avdlNs).toBe(latency);
  });

  test("nothing to compare with", async () => {
    expect((await generated([VIDEO])).across).toBeUndefined();
    expect((await generated([AUDIO, ANCILLARY])).across).toBeUndefined();
  });
});
