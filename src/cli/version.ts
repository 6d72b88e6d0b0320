/** One library and where it came from. */
export interface LibraryInfo {
  /** `libpcap`, `libzmq`, `bun`. */
  readonly name: string;
  readonly version: string;
  /** `embedded`, `system /usr/lib/…`, or why it could not be loaded. */
  readonly origin: string;
}

/** What `--version` tells. */
export interface VersionInfo {
  readonly version: string;
  readonly commit: string;
  /** Called only for `--verbose`: it loads the libraries. */
  readonly libraries: () => readonly LibraryInfo[];
}

/** `rscap 0.1.0 (abc1234)`, with `verbose` one more line for each library. */
export function versionText(info: VersionInfo, verbose: boolean): string {
  const first = `rscap ${info.version} (${info.commit})\n`;
  if (!verbose) return first;
  const libraries = info.libraries();
  const nameWidth = Math.max(0, ...libraries.map((library) => library.name.length));
  const versionWidth = Math.max(0, ...libraries.map((library) => library.version.length));
  const lines = libraries.map((library) =>
    `  ${library.name.padEnd(nameWidth)}  ${library.version.padEnd(versionWidth)}  ${library.origin}`.trimEnd(),
  );
  return [first, ...lines.map((line) => `${line}\n`)].join("");
}
