import { Argument, Command, CommanderError, Option } from "@commander-js/extra-typings";
import { EXIT, type ExitCode, RscapError } from "../report/error.ts";
import { resolveConfig } from "../settings/config.ts";
import { standardReport } from "../settings/report-target.ts";
import { COMMANDS, type CommandName } from "../settings/setting.ts";
import type { Config } from "../settings/table.ts";
import { completionAnswer, completionScript, SHELLS } from "./completion.ts";
import { COMMAND_SUMMARY, EXIT_CODE_HELP, examplesText } from "./help.ts";
import { log, setUpLogging } from "./logging.ts";
import { flagsOf, optionsFor, type ParsedOptions } from "./options.ts";
import { showConfigJson, showConfigText } from "./show-config.ts";
import { type VersionInfo, versionText } from "./version.ts";

/** What each command does once its settings are known; returns the exit code of the program. */
export interface Handlers {
  probe(config: Config): Promise<ExitCode>;
  client(config: Config): Promise<ExitCode>;
  replay(config: Config, files: readonly string[]): Promise<ExitCode>;
  devices(config: Config): Promise<ExitCode>;
  keygen(config: Config, names: readonly string[]): Promise<ExitCode>;
}

/** The world around the program; tests give their own. */
export interface Surroundings {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Columns of the help. */
  readonly columns: number;
  /** Colour in the log. */
  readonly colour: boolean;
  /** The process's environment; the libraries to load are put into it (see `runCommand`). */
  readonly env: Record<string, string | undefined>;
  readonly folder: string;
  readonly hostname: string;
  readonly version: VersionInfo;
  /** Names of the network devices, for completion. */
  readonly deviceNames: () => readonly string[];
}

/** Flags before the command decide for the whole program. */
function leadingFlags(argv: readonly string[]): readonly string[] {
  const end = argv.findIndex((word) => !word.startsWith("-"));
  return end < 0 ? argv : argv.slice(0, end);
}

/** `rscap --show-config`: the settings of each command from environment, `.env` and defaults. */
function showAllConfigs(around: Surroundings): void {
  const { env, folder, hostname } = around;
  const parts = COMMANDS.map((command) => {
    const resolved = resolveConfig({ command, flags: {}, env, folder, hostname });
    return `rscap ${command}\n${showConfigText(command, resolved)}`;
  });
  around.stdout(parts.join("\n"));
}

/** True when the command line of a command says `--show-config`. */
function asksForConfig(parsed: ParsedOptions): boolean {
  return parsed.getOptionValue("showConfig") === true;
}

/** True when `replay` has streams to make, so that it needs no file. */
function generates(parsed: ParsedOptions, { env, folder, hostname }: Surroundings): boolean {
  const input = { command: "replay", flags: flagsOf("replay", parsed), env, folder, hostname } as const;
  return resolveConfig(input).config.generate.length > 0;
}

async function runCommand(
  name: CommandName,
  parsed: ParsedOptions,
  files: readonly string[],
  handlers: Handlers,
  around: Surroundings,
): Promise<ExitCode> {
  const resolved = resolveConfig({
    command: name,
    flags: flagsOf(name, parsed),
    env: around.env,
    folder: around.folder,
    hostname: around.hostname,
  });
  const { config } = resolved;
  setUpLogging({
    level: config.quiet && config.logLevel !== "off" ? "error" : config.logLevel,
    format: config.logFormat,
    colour: around.colour,
    write: around.stderr,
  });
  for (const notice of resolved.notices) log("warning", notice);
  // The loader of libraries, in this thread and in workers, knows the environment but not `.env`.
  if (config.libpcap !== "") around.env.RSCAP_LIBPCAP = config.libpcap;
  if (config.libzmq !== "") around.env.RSCAP_LIBZMQ = config.libzmq;
  if (config.showConfig) {
    const show = standardReport(config.report) === "json" ? showConfigJson : showConfigText;
    around.stdout(show(name, resolved));
    return EXIT.ok;
  }
  return handlers[name](config, files);
}

/**
 * The command line, made from the table of settings. `done` is called with what the chosen command
 * returned.
 */
function makeProgram(handlers: Handlers, around: Surroundings, done: (exitCode: ExitCode) => void): Command {
  const program = new Command("rscap")
    .description("Watch MPEG-TS and SMPTE ST 2110 on the network: capture, judge, publish, record.")
    .option("-V, --version", "show the version; with --verbose the libraries and where they come from")
    .option("--verbose", "more about the version")
    .option("--show-config", "print the settings of every command, and where each value came from")
    .helpCommand("help [command]", "show the help of a command")
    .helpOption("-h, --help", "show this help")
    // `--show-config` after a command is the command's own.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError("See rscap --help.")
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: around.stdout,
      writeErr: around.stderr,
      getOutHelpWidth: () => around.columns,
      getErrHelpWidth: () => around.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(text.replace(/^error: /, "rscap: ")),
    })
    .addHelpText("after", `\n${EXIT_CODE_HELP}\n\nrscap help <command> shows its flags and examples.`);
  for (const name of COMMANDS) {
    const command = program
      .command(name)
      .summary(COMMAND_SUMMARY[name])
      .description(`${COMMAND_SUMMARY[name].charAt(0).toUpperCase()}${COMMAND_SUMMARY[name].slice(1)}.`)
      .addHelpOption(new Option("-h, --help", "show this help").helpGroup("Configuration:"))
      .addHelpText("after", examplesText(name))
      .showHelpAfterError(`See rscap ${name} --help.`);
    if (name === "client") command.alias("monitor");
    for (const option of optionsFor(name)) command.addOption(option);
    if (name === "replay") {
      command
        .usage("[options] <files...>")
        // Optional to commander: `replay --show-config` needs none.
        .argument("[files...]", "pcap, pcapng (also .gz, .zst), .ts, .m2ts files; - for standard input")
        .action(async (files) => {
          if (files.length === 0 && !generates(command, around) && !asksForConfig(command)) {
            command.error(
              "error: there is no file to replay; name one, - for standard input, or a stream to --generate",
            );
          }
          done(await runCommand(name, command, files, handlers, around));
        });
    } else if (name === "keygen") {
      command
        .usage("[options] [name]")
        .argument("[name]", "of the files; the host name without it")
        .action(async (key) => {
          done(await runCommand(name, command, key === undefined ? [] : [key], handlers, around));
        });
    } else {
      command.action(async () => done(await runCommand(name, command, [], handlers, around)));
    }
  }
  program
    .command("completion")
    .description("print a completion script for a shell")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .addHelpText(
      "after",
      "\nExamples:\n  source <(rscap completion bash)\n  rscap completion fish > ~/.config/fish/completions/rscap.fish",
    )
    .action((shell) => {
      around.stdout(completionScript(shell));
      done(EXIT.ok);
    });
  return program;
}

/**
 * Runs one command line (`argv` without the executable's name) and returns the exit code. Errors of usage,
 * input and environment are printed to standard error; anything else is a fault of rscap and is thrown.
 */
export async function runProgram(
  argv: readonly string[],
  handlers: Handlers,
  around: Surroundings,
): Promise<ExitCode> {
  const leading = leadingFlags(argv);
  if (leading.includes("--version") || leading.includes("-V")) {
    around.stdout(versionText(around.version, leading.includes("--verbose")));
    return EXIT.ok;
  }
  // What the completion scripts call: not parsed, for half a command line is not a usage error.
  if (argv[0] === "complete" && argv[1] === "--") {
    around.stdout(completionAnswer(argv.slice(2), around.deviceNames));
    return EXIT.ok;
  }
  let exitCode: ExitCode = EXIT.ok;
  const program = makeProgram(handlers, around, (code) => {
    exitCode = code;
  });
  try {
    if (leading.length === argv.length && leading.includes("--show-config")) {
      showAllConfigs(around);
      return EXIT.ok;
    }
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof RscapError)) throw error;
    around.stderr(`rscap: ${error.message}\n`);
    return error.exitCode;
  }
  return exitCode;
}
