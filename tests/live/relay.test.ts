import { describe, expect } from "bun:test";
import { continuityFindings, mpegtsTruth } from "../../fixtures/lib/fixture.ts";
import { differences } from "../helpers/match.ts";
import { octetDifference, tsPackets } from "../helpers/octets.ts";
import { type RelayOptions, rtpTruth } from "../helpers/relay-plan.ts";
import { reportOf, until } from "../helpers/run.ts";
import { needsNetns, testWith } from "../helpers/skip.ts";
import { BACKENDS, journalOf, onlyStream, Rig, transferFindings } from "./rig.ts";

const PACKETS_A_DATAGRAM = 7;
const DATAGRAMS = 1000;
const PER_SECOND = 700;

/** Sends an RTP stream through the relay; returns what came out at every place. */
async function through(backend: string, relayOptions: RelayOptions, rtpSequence: number | undefined) {
  await using rig = await Rig.open();
  // A window wide enough in time for a machine that stands still now and then: the counts must be exact.
  const probe = await rig.probe(["--capture-backend", backend, "--reorder-time", "2s"]);
  const client = await rig.client([]);
  const relay = await rig.relay(relayOptions);
  const original = rig.tsFile("sent.ts", DATAGRAMS * PACKETS_A_DATAGRAM);
  const numbering = rtpSequence === undefined ? {} : { rtpSequence };
  await rig.send({
    file: rig.path("sent.ts"),
    to: "127.0.0.1",
    port: 7000,
    from: undefined,
    perSecond: PER_SECOND,
    ...numbering,
  });
  const journal = await journalOf(relay);
  expect(journal.received).toBe(DATAGRAMS);

  // What a probe must make of it: RTP puts order back and drops repeats; plain UDP has to take what comes.
  const order = rtpSequence === undefined ? journal.sent : [...new Set(journal.sent)].sort((a, b) => a - b);
  const packets = order.flatMap((number) => {
    const at = number * PACKETS_A_DATAGRAM * 188;
    return tsPackets(original.subarray(at, at + PACKETS_A_DATAGRAM * 188));
  });
  const expected = Buffer.concat(packets);
  // The probe may hold back what follows a gap near the end; it hands it on when it is stopped.
  await Bun.sleep(200);
  const probeEnded = await probe.stop("SIGINT");
  await until(() => rig.size("capture.ts") >= expected.length, "all is written", 5000).catch(() => {});
  const clientEnded = await client.stop("SIGINT");
  const report = reportOf(probeEnded);
  expect(clientEnded.exitCode).toBe(130);
  expect(octetDifference(rig.read("capture.ts"), expected)).toBeNull();
  expect(differences(onlyStream(report).mpegts, mpegtsTruth(packets))).toEqual([]);
  const continuity = report.findings.filter(({ code }) => code === "ts-continuity");
  expect(differences(continuity, continuityFindings(packets))).toEqual([]);
  return { report, journal, stream: onlyStream(report) };
}

describe.each(BACKENDS)("counts are exact, live by %s", (backend) => {
  testWith(
    needsNetns,
    `${backend}: RTP loss, reordering and duplication`,
    async () => {
      const chances = { seed: 41, drop: 0.02, duplicate: 0.02, reorder: 0.03 };
      const { journal, stream, report } = await through(backend, chances, 65_000);
      const { packets, lost, duplicates, reordered } = rtpTruth(journal);
      expect(lost).toBeGreaterThan(5);
      expect(duplicates).toBeGreaterThan(5);
      expect(reordered).toBeGreaterThan(5);
      expect(stream.rtp).toMatchObject({
        packets,
        lost,
        duplicates,
        reordered,
        late: 0,
        invalid: 0,
        restarts: 0,
      });
      const codes = report.findings.map(({ code, count }) => `${code} ${count}`);
      expect(codes).toContain(`rtp-loss ${lost}`);
      expect(codes).toContain(`rtp-duplicate ${duplicates}`);
      expect(codes).toContain(`rtp-reordered ${reordered}`);
    },
    30_000,
  );

  testWith(
    needsNetns,
    `${backend}: RTP jitter loses nothing`,
    async () => {
      const { stream, report } = await through(backend, { seed: 42, jitterMs: 15 }, 0);
      expect(stream.rtp).toMatchObject({ packets: DATAGRAMS, lost: 0, duplicates: 0, reordered: 0, late: 0 });
      expect(transferFindings(report)).toEqual([]);
    },
    30_000,
  );

  testWith(
    needsNetns,
    `${backend}: plain UDP loss, reordering and duplication show in the continuity counters`,
    async () => {
      const chances = { seed: 43, drop: 0.01, duplicate: 0.01, reorder: 0.01 };
      const { stream, journal } = await through(backend, chances, undefined);
      expect(stream.rtp).toBeUndefined();
      expect(stream.packets).toBe(journal.sent.length);
      expect(stream.mpegts?.continuity.errors).toBeGreaterThan(journal.dropped.length);
    },
    30_000,
  );
});
