/** The commands that read settings. */
export type CommandName = "probe" | "client" | "replay" | "devices" | "keygen";

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandName[] = ["probe", "client", "replay", "devices", "keygen"];

/** Headings of the help, of `.env.example` and of the README's table, in this order. */
export const GROUPS = [
  "Source",
  "HLS input",
  "Capture",
  "Packets",
  "ZeroMQ",
  "Security",
  "Output",
  "Segments",
  "SQLite",
  "Webhook",
  "Kafka",
  "HTTP",
  "Replay",
  "Report and exit code",
  "Log and display",
  "Configuration",
] as const;

/** One of the headings. */
export type Group = (typeof GROUPS)[number];

/** An environment name that the earlier rscap used, when its values differ from ours. */
export interface Alias {
  readonly name: string;
  /** Our value for the alias's value; null when it says nothing to us. */
  readonly value: (text: string) => string | null;
}

/** What all settings share. */
interface Common<T> {
  /** Long flag without the dashes; null where only the environment can set it. */
  readonly flag: string | null;
  /** One letter, without the dash. */
  readonly short?: string;
  /** Environment names, ours first, then those of the earlier rscap. Each may carry the prefix `RSCAP_`. */
  readonly env: readonly (string | Alias)[];
  readonly commands: readonly CommandName[];
  readonly group: Group;
  /** One sentence for the help: what it does, with the unit. */
  readonly help: string;
  readonly default: T;
  /** Where a command's default differs from `default`. */
  readonly defaults?: Partial<Record<CommandName, T>>;
  /** What to show for the default where the value itself says little. */
  readonly defaultText?: string;
}

/** On or off. `--x` and `--no-x`; true, yes, on, 1 and false, no, off, 0 in the environment. */
export interface BooleanSetting extends Common<boolean> {
  readonly type: "boolean";
}

/** A whole number, or with `fraction` any decimal number. */
export interface NumberSetting extends Common<number> {
  readonly type: "number";
  readonly min: number;
  readonly max: number;
  readonly fraction?: boolean;
}

/** Octets: a number with an optional k, M or G (powers of 1024). */
export interface SizeSetting extends Common<number> {
  readonly type: "size";
  readonly min: number;
  readonly max: number;
}

/** Milliseconds: a number with us, ms, s, m or h; without one it counts in `unit`. */
export interface DurationSetting extends Common<number> {
  readonly type: "duration";
  readonly unit: "ms" | "s";
  readonly min: number;
  readonly max: number;
}

/** Any text that `check` accepts. */
export interface StringSetting extends Common<string> {
  readonly type: "string";
  /** What the value is called in the help, e.g. `device`. */
  readonly value: string;
  /** What was expected, when the text is not acceptable; null when it is. Not called for an empty text. */
  readonly check?: (text: string) => string | null;
}

/** A flag that may be repeated; in the environment separated by commas or blanks. */
export interface ListSetting extends Common<readonly string[]> {
  readonly type: "list";
  readonly value: string;
  /** As for a string, for each item. */
  readonly check?: (text: string) => string | null;
  /** What parts two items where it is not just commas and blanks. */
  readonly separator?: RegExp;
  /** Flags that stand for one item, e.g. `--json` for `--report json`. */
  readonly shortcuts?: Readonly<Record<string, string>>;
}

/** One of a few words. */
export interface ChoiceSetting extends Common<string> {
  readonly type: "choice";
  readonly choices: readonly string[];
  /** Other words for a choice. */
  readonly synonyms?: Readonly<Record<string, string>>;
}

/**
 * A text that nobody else may see: a password, a token. The environment name gives it, or the same name with
 * `_FILE` (and the flag, which ends with `-file`) names a file that holds it; see `secret-file.ts`. There is no
 * flag for the text itself, because every user of the machine can read the command lines of all. It is shown
 * nowhere: not by `--show-config`, not in errors. Whoever takes it from `Config` keeps it out of logs and reports.
 */
export interface SecretSetting extends Common<string> {
  readonly type: "secret";
  readonly flag: `${string}-file`;
  readonly default: "";
}

/** One row of the table. */
export type Setting =
  | BooleanSetting
  | NumberSetting
  | SizeSetting
  | DurationSetting
  | StringSetting
  | ListSetting
  | ChoiceSetting
  | SecretSetting;

/** The type that a setting's value has in `Config`. */
export type ValueOf<S> = S extends { readonly type: "boolean" }
  ? boolean
  : S extends { readonly type: "choice"; readonly choices: readonly (infer C)[] }
    ? C
    : S extends { readonly type: "list" }
      ? readonly string[]
      : S extends { readonly type: "string" | "secret" }
        ? string
        : number;

/** A name of the earlier rscap that has no effect here; it is accepted, and said at the start. */
export interface IgnoredName {
  readonly name: string;
  readonly reason: string;
}
