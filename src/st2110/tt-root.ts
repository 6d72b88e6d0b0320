/**
 * The tt element of a TTML document (RFC 8759 5) between what XML 1.0 allows around it: a declaration, comments,
 * processing instructions and one document type declaration before, comments and processing instructions after (2.1,
 * 2.8). Only these edges are read: a document of a megabyte costs little more than its first and last line.
 */

/** Start tag of the document's root if that is one tt element to the end of the text, else null. */
export function rootTag(text: string): string | null {
  const start = prologEnd(text);
  const end = epilogStart(text);
  const tagEnd = markupEnd(text, start);
  if (tagEnd < 0 || tagEnd > end) return null;
  const tag = text.slice(start, tagEnd);
  if (!/^<(?:[\w.-]+:)?tt[\s/>]/.test(tag)) return null;
  const last = text.slice(Math.max(tagEnd, end - LONGEST_END_TAG), end);
  return tag.endsWith("/>") || /<\/(?:[\w.-]+:)?tt\s*>$/.test(last) ? tag : null;
}

/** Characters of an end tag with its prefix that are looked at. */
const LONGEST_END_TAG = 256;

/** Where the root begins; what has no end is left to be taken for it. */
function prologEnd(text: string): number {
  let at = 0;
  for (;;) {
    at = skipSpace(text, at);
    const next = text.startsWith("<!DOCTYPE", at) ? markupEnd(text, at) : miscEnd(text, at);
    if (next < 0) return at;
    at = next;
  }
}

/** Behind the comment or processing instruction at `at`; -1 where there is none, or it has no end. */
function miscEnd(text: string, at: number): number {
  if (text.startsWith("<!--", at)) return behind(text, "-->", at + 4);
  return text.startsWith("<?", at) ? behind(text, "?>", at + 2) : -1;
}

/**
 * Behind the tag or document type declaration at `at`, past its literals and, of a declaration, comments and internal
 * subset; -1 without an end.
 */
function markupEnd(text: string, at: number): number {
  let subset = false;
  let next = at + 1;
  while (next > 0 && next < text.length) {
    const character = text[next] as string;
    if (character === ">" && !subset) return next + 1;
    if (character === "[") subset = true;
    else if (character === "]") subset = false;
    if (character === '"' || character === "'") next = behind(text, character, next + 1);
    else if (text.startsWith("<!--", next) || text.startsWith("<?", next)) next = miscEnd(text, next);
    else next += 1;
  }
  return -1;
}

/** Where the root ends: what is behind it are comments, processing instructions and white space. */
function epilogStart(text: string): number {
  let end = text.length;
  for (;;) {
    end = text.slice(0, end).trimEnd().length;
    let start = -1;
    // A comment has no `--` within, so that the last beginning is its own.
    if (text.endsWith("-->", end)) start = text.lastIndexOf("<!--", end - 7);
    else if (text.endsWith("?>", end)) start = text.lastIndexOf("<?", end - 4);
    if (start < 0) return end;
    end = start;
  }
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (next < text.length && /\s/.test(text[next] as string)) next += 1;
  return next;
}

/** The place behind the next `mark`, or -1. */
function behind(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? -1 : at + mark.length;
}
