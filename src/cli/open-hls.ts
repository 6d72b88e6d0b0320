import { playlistAddress, shownAddress } from "../hls/address.ts";
import { PacedHls } from "../hls/paced.ts";
import { type HlsLog, HlsSession } from "../hls/session.ts";
import { HlsSource } from "../hls/source.ts";
import { EXIT, RscapError, usageError } from "../report/error.ts";
import type { Config } from "../settings/table.ts";
import type { OpenedInput } from "./open-input.ts";
import type { HlsInput } from "./pipeline-job.ts";
import { readPem } from "./read-pem.ts";

const NS_PER_MS = 1e6;

/** How often the stop flag is looked at while the server is waited for. */
const STOP_STEP_MS = 50;

/** The input that the playlist at `address` is. Throws a usage error where `address` is none. */
export function hlsInput(
  address: string,
  setting: string,
  config: Pick<Config, "hlsVariant" | "hlsTimeout" | "hlsRetries" | "hlsCa" | "hlsUser" | "hlsPassword">,
  play: Pick<HlsInput, "live" | "speed" | "aheadMs" | "horizonMs">,
): HlsInput {
  const { hlsVariant, hlsTimeout, hlsRetries, hlsCa, hlsUser, hlsPassword } = config;
  if (hlsPassword !== "" && hlsUser === "") {
    throw usageError(
      "bad-setting",
      "--hls-user (HLS_USER): expected a name, because there is a password (HLS_PASSWORD); got none.",
    );
  }
  return {
    kind: "hls",
    address: playlistAddress(address, setting).href,
    user: hlsUser,
    password: hlsPassword,
    variant: hlsVariant,
    timeoutMs: hlsTimeout,
    retries: hlsRetries,
    authorities: hlsCa === "" ? "" : readPem("hls.ca", "--hls-ca (HLS_CA)", hlsCa, "CERTIFICATE"),
    ...play,
  };
}

/** Loads the playlist and waits for its first segment. Rejects with an RscapError that says what is wrong. */
export async function openHls(
  input: HlsInput,
  version: string,
  stop: Int32Array,
  log: HlsLog,
): Promise<OpenedInput> {
  const { address, user, password, variant, timeoutMs, retries, authorities, live, speed } = input;
  // The address keeps the login from here on: it goes where that is the same server's, and is never shown.
  const own = new URL(address);
  own.username = encodeURIComponent(user);
  own.password = encodeURIComponent(password);
  const session = new HlsSession(own, {
    variant,
    timeoutMs,
    retries,
    authorities,
    live,
    userAgent: `rscap/${version}`,
    log,
  });
  // Whoever stops us does not wait for a server that does not answer.
  const watch = setInterval(() => {
    if (Atomics.load(stop, 0) !== 0) session.close();
  }, STOP_STEP_MS);
  try {
    await session.start();
    const source = await HlsSource.open(session, live);
    const position = (): number => source.position;
    if (speed === 0) return { source, position, repeat: () => source.run, close: () => source.close() };
    const paced = new PacedHls(source, {
      speed,
      aheadNs: input.aheadMs * NS_PER_MS,
      horizonNs: input.horizonMs * NS_PER_MS,
      behind: () => session.behind,
    });
    return { source: paced, position, repeat: () => paced.run, close: () => paced.close() };
  } catch (error) {
    session.close();
    if (Atomics.load(stop, 0) === 0) throw error;
    throw new RscapError(
      "stopped",
      EXIT.interrupted,
      `${shownAddress(session.address)}: stopped before its first packet came.`,
    );
  } finally {
    clearInterval(watch);
  }
}
