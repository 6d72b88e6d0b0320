import { FAULT_CODES } from "../src/st2110/generator/faults.ts";

/** What each key of `--generate` says, and for which kinds. */
const KEYS: readonly (readonly [key: string, kinds: string, what: string])[] = [
  ["sampling", "-20", "`4:2:2` (unless told), `4:4:4`, `4:2:0` or `KEY`"],
  ["depth", "-20", "bits of a sample: 8, 10 (unless told), 12 or 16"],
  ["pm", "-20", "packing mode: `GPM` (unless told) or `BPM`"],
  ["type", "-20", "sender type of ST 2110-21: `N` (unless told), `NL` or `W`"],
  ["mbps", "-22", "bit rate of the codestream, 1 to 10,000 Mb/s; 125 unless told"],
  ["mode", "-22", "`slice` for packets that begin with slices, else whole codestreams"],
  ["ptime", "-30, -31", "packet time in milliseconds: 1 (unless told), 0.125, 0.25, 0.333 or 4"],
  ["interval", "-43", "milliseconds between documents, 20 to 60,000; 100 unless told"],
  [
    "to",
    "all",
    "IPv4 address and port; 239.20.0.1:5004 for the first stream unless told, 239.20.0.2:5004 for the second",
  ],
  ["seconds", "all", "length: 1, or without end where streams are sent"],
  ["fault", "all", "one rule to break, see below"],
  ["redundant", "all", "address and port of a second leg (ST 2022-7)"],
  ["skew", "with redundant", "how much later the second leg is, microseconds; 1 unless told"],
  [
    "loss",
    "with redundant",
    "`N` or `N/N`: one packet in so many is lost on both legs, or on each; 0 for none",
  ],
];

/** `docs/generate.md`: the generator's keys, and all its faults with the finding that each brings. */
export function generateDocument(): string {
  const keys = KEYS.map(([key, kinds, what]) => `| \`${key}\` | ${kinds} | ${what} |`);
  const faults = Object.entries(FAULT_CODES).map(([kind, codes]) => {
    const rows = [...codes].map(([name, code]) => `| \`${name}\` | \`${code}\` |`);
    const title = kind === "redundant" ? "Pairs of ST 2022-7, with `redundant=`" : kind;
    const note = kind === "st2110-30" ? "\nThose of st2110-31 are the same.\n" : "";
    return `### ${title}\n${note}\n| fault | finding |\n|---|---|\n${rows.join("\n")}\n`;
  });
  return `# Streams that are made

<!-- Made by scripts/generate-page.ts; the faults are those of src/st2110/generator. -->

\`rscap replay --generate kind:format[,key=value…]\` makes a stream of ST 2110 in place of a file, to check, publish, write or
send (\`--send udp://?iface=eth1\` sends each to its own address); repeat it for several.

| key | kinds | what it says |
|---|---|---|
${keys.join("\n")}

## Faults

\`fault=\` breaks one rule. Where a fault needs another format, the error names one that shows it.

${faults.join("\n")}`;
}
