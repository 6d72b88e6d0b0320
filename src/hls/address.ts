import { inputError, type RscapError, usageError } from "../report/error.ts";

/** Longest address that is fetched, in characters. */
const MAX_CHARACTERS = 8192;

/** Whether `text` is meant as the address of a playlist, and not as a file's name. */
export function isPlaylistAddress(text: string): boolean {
  return /^(hls\+)?https?:\/\//i.test(text);
}

/** The address in `text`, `http(s)://…` or `hls+http(s)://…`; throws a usage error that names `setting`. */
export function playlistAddress(text: string, setting: string): URL {
  const bare = text.replace(/^hls\+/i, "");
  const address = URL.canParse(bare) ? new URL(bare) : null;
  if (address === null || address.hostname === "" || !isFetched(address)) {
    throw wrong(text, setting);
  }
  if (address.username !== "" || address.password !== "") {
    throw usageError(
      "password-in-address",
      `${setting}: expected an address without a login, which others could read (ps, shell history). Name the user by ` +
        "--hls-user (HLS_USER) and give the password by HLS_PASSWORD, or --hls-password-file (HLS_PASSWORD_FILE).",
    );
  }
  return address;
}

function wrong(text: string, setting: string): RscapError {
  const shown = text.replace(/\/\/[^/]*@/, "//…@");
  return usageError(
    "bad-playlist-address",
    `${setting}: "${shown}" is no address of a playlist. Expected https://host/name.m3u8 or http://host/name.m3u8.`,
  );
}

/** Whether an address is of a kind that is fetched: a playlist must not make us read this machine's files. */
export function isFetched(address: URL): boolean {
  return address.protocol === "https:" || address.protocol === "http:";
}

/**
 * What `uri`, as it stands in the playlist at `base`, names. Null where that is no address, or none that may be
 * fetched. User and password of `base` go on to the same host only.
 */
export function resolveAddress(uri: string, base: URL): URL | null {
  if (uri.length > MAX_CHARACTERS || !URL.canParse(uri, base.href)) return null;
  const address = new URL(uri, base.href);
  if (!isFetched(address) || address.hostname === "") return null;
  if (address.username === "" && address.origin === base.origin) {
    address.username = base.username;
    address.password = base.password;
  }
  return address;
}

/**
 * An address for people: without user and password, and long values of its query, which may be passes,
 * shortened.
 */
export function shownAddress(address: URL): string {
  const shown = new URL(address.href);
  shown.username = "";
  shown.password = "";
  shown.hash = "";
  const query = shown.search.replaceAll(/=([^&]{16})[^&]+/g, "=$1…");
  shown.search = "";
  return shown.href + query;
}

/** Input that is no stream that can be analysed (exit 3). */
export function hlsError(code: string, address: URL, what: string): RscapError {
  return inputError(code, `${shownAddress(address)}: ${what}`);
}
