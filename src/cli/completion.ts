import { RootCommand, script } from "@bomb.sh/tab";
import { REPORT_FORMATS } from "../settings/report-target.ts";
import { COMMANDS, type CommandName, type Setting } from "../settings/setting.ts";
import { settingOf, settingsFor } from "../settings/table.ts";
import { COMMAND_SUMMARY } from "./help.ts";

/** Shells that a completion script can be made for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of the shells. */
export type Shell = (typeof SHELLS)[number];

/** Ends an answer: let the shell complete file names. */
const COMPLETE_FILES = ":0";

/** Stands in for bash-completion's helper where that package is not installed. */
const BASH_WORDS = `if ! declare -F _get_comp_words_by_ref > /dev/null; then
    _get_comp_words_by_ref() {
        read -r -a words <<< "\${COMP_LINE:0:COMP_POINT}"
        [[ "\${COMP_LINE:0:COMP_POINT}" == *[[:space:]] ]] && words+=("")
        cword=$((\${#words[@]} - 1))
        cur="\${words[cword]}"
        prev="\${words[cword > 0 ? cword - 1 : 0]}"
    }
fi
`;

/** The completion library only prints; this takes what it prints. Nothing else runs meanwhile. */
function printed(print: () => void): string {
  const lines: string[] = [];
  const log = console.log;
  console.log = (line: unknown) => void lines.push(String(line));
  try {
    print();
  } finally {
    console.log = log;
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** The script that a user's shell sources; it asks `rscap complete` at each press of the tab key. */
export function completionScript(shell: Shell): string {
  const text = printed(() => script(shell, "rscap", "rscap"));
  if (shell !== "bash") return text;
  // Bash falls back to file names only when told so, and refuses to set a readonly a second time.
  return (
    BASH_WORDS +
    text
      .replace(/^readonly /gm, "")
      .replace(/^complete -F (\S+) rscap$/m, "complete -o default -o bashdefault -F $1 rscap")
  );
}

/** True for a setting whose value is a file. */
function takesFile(setting: Setting): boolean {
  return setting.type === "secret" || (setting.type === "string" && setting.value === "file");
}

function settingOfFlag(command: CommandName, word: string): Setting | null {
  for (const key of settingsFor(command)) {
    const setting = settingOf(key);
    if (word === `--${setting.flag}` || (setting.short !== undefined && word === `-${setting.short}`)) {
      return setting;
    }
  }
  return null;
}

/** True where the shell should complete a file name: after `--output-file`, and the files of `replay`. */
function wantsFile(args: readonly string[]): boolean {
  const last = args.at(-1) ?? "";
  const name = args[0] === "monitor" ? "client" : args[0];
  const command = COMMANDS.find((known) => known === name);
  if (command === undefined || args.length < 2) return false;
  const before = settingOfFlag(command, args.at(-2) ?? "");
  if (before !== null && before.type !== "boolean") return takesFile(before);
  return command === "replay" && !last.startsWith("-");
}

function build(deviceNames: () => readonly string[]): RootCommand {
  const root = new RootCommand();
  for (const command of COMMANDS) {
    const entry = root.command(command, COMMAND_SUMMARY[command]);
    for (const key of settingsFor(command)) {
      const setting = settingOf(key);
      if (setting.flag === null) continue;
      if (setting.type === "boolean") {
        if (setting.short === undefined) entry.option(setting.flag, setting.help);
        else entry.option(setting.flag, setting.help, setting.short);
        continue;
      }
      const values = (): readonly string[] => {
        if (setting.type === "choice") return setting.choices;
        if (key === "report") return [...REPORT_FORMATS, "none"];
        return key === "sourceDevice" ? [...deviceNames(), "any"] : [];
      };
      entry.option(
        setting.flag,
        setting.help,
        (complete) => {
          for (const value of values()) complete(value, "");
        },
        setting.short,
      );
    }
    entry.option("help", "show the help of this command", "h");
  }
  root.option("version", "show the version", "V");
  root.option("show-config", "print the settings of every command");
  root.option("help", "show the help", "h");
  const completion = root.command("completion", "print a completion script for a shell");
  completion.argument("shell", (complete) => {
    for (const shell of SHELLS) complete(shell, "");
  });
  const help = root.command("help", "show the help of a command");
  help.argument("command", (complete) => {
    for (const command of COMMANDS) complete(command, COMMAND_SUMMARY[command]);
  });
  return root;
}

/**
 * The answer to the shell's question what may stand in place of the last of `args`: one candidate a line,
 * a tab and its description, and at the end the library's directive. `deviceNames` is asked only when a
 * device is wanted.
 */
export function completionAnswer(args: readonly string[], deviceNames: () => readonly string[]): string {
  if (wantsFile(args)) return `${COMPLETE_FILES}\n`;
  const root = build(deviceNames);
  return printed(() => root.parse([...args]));
}
