import { parsePlaylist } from "./parse.ts";
import type { Playlist } from "./playlist.ts";

/** A week of segments of two seconds each. */
export const MAX_SEGMENTS = 302_400;
/** Reading a master playlist takes the square of what it lists: all variants, times all renditions. */
const MAX_STREAMS = 1000;
const MAX_MASTER_CHARACTERS = 1024 * 1024;

/** Tags by which a master playlist lists something (RFC 8216, 4.3.4). */
const STREAM = /^[ \t]*#EXT-X-(STREAM-INF|I-FRAME-STREAM-INF|MEDIA|SESSION-DATA|SESSION-KEY):/gm;
/** What is read as the address of a segment or a playlist. */
const ADDRESS = /^[ \t]*[^#\s]/gm;

/** A playlist that was refused. */
export interface RefusedPlaylist {
  readonly kind: "failed";
  readonly why: string;
}

/**
 * Reads a playlist unless it lists so much that reading it would keep our thread, which could neither play nor be
 * stopped meanwhile, or fill our memory.
 */
export function boundedPlaylist(text: string): Playlist | RefusedPlaylist {
  const streams = countTo(text, STREAM, MAX_STREAMS);
  if (streams > MAX_STREAMS) return refused(`it lists more than ${MAX_STREAMS} variants and renditions`);
  if (streams > 0 && text.length > MAX_MASTER_CHARACTERS)
    return refused(`it is a master playlist of more than ${MAX_MASTER_CHARACTERS} characters`);
  if (countTo(text, ADDRESS, MAX_SEGMENTS) > MAX_SEGMENTS)
    return refused(`it lists more than ${MAX_SEGMENTS} segments`);
  return parsePlaylist(text);
}

function refused(why: string): RefusedPlaylist {
  return { kind: "failed", why };
}

/** How often `pattern` is in `text`, counted no further than just beyond `most`. */
function countTo(text: string, pattern: RegExp, most: number): number {
  let count = 0;
  pattern.lastIndex = 0;
  while (count <= most && pattern.test(text)) count++;
  return count;
}
