import { test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { sharedData } from "../shared-data.ts";

/** Something a test needs of the machine; `why` says what is missing and how to get it. */
export interface Requirement {
  readonly met: boolean;
  readonly why: string;
}

/** True when the command can be found and run. */
function runs(command: string[]): boolean {
  const [file, ...args] = command as [string, ...string[]];
  return Bun.which(file) !== null && spawnSync(file, args, { stdio: "ignore" }).status === 0;
}

/** Evaluated once, when first asked: starting a dozen programs for a test that needs none is waste. */
function lazily(check: () => boolean, why: string): Requirement {
  let known: boolean | undefined;
  return {
    get met() {
      known ??= check();
      return known;
    },
    why,
  };
}

/** A program on the PATH. */
export function needsProgram(name: string, debianPackage = name): Requirement {
  return lazily(() => Bun.which(name) !== null, `no ${name} (apt-get install ${debianPackage})`);
}

/** A file of the shared captures, e.g. `pcap/tsduck-162.pcap`. */
export function needsShared(path: string): Requirement {
  return lazily(() => sharedData(path) !== null, `no ../shared/data/${path}`);
}

/** Root: raw sockets, namespaces, mounts. */
export const needsRoot: Requirement = lazily(() => process.getuid?.() === 0, "not root");

/** Network namespaces with veth pairs; some containers forbid them even to root. */
export const needsNetns: Requirement = lazily(() => {
  if (process.getuid?.() !== 0 || Bun.which("ip") === null) return false;
  const name = `rscap-check-${process.pid}`;
  if (!runs(["ip", "netns", "add", name])) return false;
  const veth = runs(["ip", "-n", name, "link", "add", "veth0", "type", "veth", "peer", "name", "veth1"]);
  runs(["ip", "netns", "del", name]);
  return veth;
}, "no network namespace with a veth pair (needs root and iproute2)");

/** ffmpeg with its ZeroMQ protocol. */
export const needsFfmpeg: Requirement = needsProgram("ffmpeg");
/** ffprobe. */
export const needsFfprobe: Requirement = needsProgram("ffprobe", "ffmpeg");
/** GStreamer with the payloaders of ST 2110. */
export const needsGstreamer: Requirement = lazily(
  () =>
    ["rtpvrawpay", "udpsink", "videotestsrc", "audiotestsrc"].every((name) =>
      runs(["gst-inspect-1.0", name]),
    ),
  "no GStreamer (apt-get install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good)",
);
/** GStreamer with its parser of transport streams. */
export const needsGstreamerTs: Requirement = lazily(
  () => runs(["gst-inspect-1.0", "tsparse"]),
  "no GStreamer with tsparse (apt-get install gstreamer1.0-tools gstreamer1.0-plugins-bad)",
);
/** tshark, the oracle for captures. */
export const needsTshark: Requirement = needsProgram("tshark");
/** tcpdump, the witness of live runs. */
export const needsTcpdump: Requirement = needsProgram("tcpdump");
/** tcpreplay, which injects VLAN frames and floods. */
export const needsTcpreplay: Requirement = needsProgram("tcpreplay");

/** A Python 3 that can import zmq, or null. */
export const pythonWithZmq: string | null =
  ["python3", "/usr/bin/python3"].find((python) => runs([python, "-c", "import zmq"])) ?? null;

/** A Python 3 that can import zmq. */
export const needsPythonZmq: Requirement = {
  met: pythonWithZmq !== null,
  why: "no Python with zmq (apt-get install python3-zmq)",
};

/** The compiled executable, named by RSCAP_BIN. */
export const needsCompiled: Requirement = lazily(
  () => existsSync(process.env.RSCAP_BIN || "/nonexistent"),
  "no compiled executable (./scripts/build.sh, then RSCAP_BIN=dist/rscap)",
);

/** What is missing of `requirements`, in words, or null when all are met. */
export function missing(requirements: readonly Requirement[]): string | null {
  const reasons = requirements.filter((requirement) => !requirement.met).map(({ why }) => why);
  return reasons.length === 0 ? null : reasons.join(", ");
}

/**
 * A test that runs where all requirements are met. Elsewhere it is skipped, with the reason in its name
 * (so that every reporter shows and counts it) and on standard error.
 */
export function testWith(
  requirements: Requirement | readonly Requirement[],
  name: string,
  run: () => void | Promise<void>,
  timeoutMs = 30_000,
): void {
  const reason = missing("met" in requirements ? [requirements] : requirements);
  if (reason === null) {
    test(name, run, timeoutMs);
    return;
  }
  // scripts/test.sh lists them at its end, by reason.
  if (process.env.RSCAP_SKIPS_LISTED === undefined) process.stderr.write(`skipped: ${name}: ${reason}\n`);
  test.skip(`${name} [skipped: ${reason}]`, run);
}
