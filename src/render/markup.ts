const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * `text` from outside as content or quoted attribute of XML and HTML. Control and format characters, and
 * what XML 1.0 does not allow at all, become `?`; half surrogates become U+FFFD.
 */
export function escapeMarkup(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\t\n])[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, "?")
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
