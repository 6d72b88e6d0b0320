import { fileURLToPath } from "node:url";
import { type Subprocess, spawn } from "bun";
import type { Report } from "../../src/report/schema.ts";

/** Root of the project. */
export const PROJECT = fileURLToPath(new URL("../..", import.meta.url).href);

/**
 * The command line of rscap: the compiled executable that RSCAP_BIN names, else the source under this Bun.
 */
export function rscapCommand(...args: string[]): string[] {
  const compiled = process.env.RSCAP_BIN;
  if (compiled)
    return [Bun.resolveSync(compiled.startsWith("/") ? compiled : `./${compiled}`, PROJECT), ...args];
  return [process.execPath, `${PROJECT}src/main.ts`, ...args];
}

/** How a program ended. */
export interface Ended {
  /** Exit code, or 128 + signal number as shells say it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings of the user who runs the tests must not change what they see. */
function cleanEnvironment(extra: Record<string, string>): Record<string, string> {
  const kept = ["PATH", "HOME", "LANG", "RSCAP_LIBPCAP", "RSCAP_LIBZMQ", "XDG_CACHE_HOME"];
  const env: Record<string, string> = { ENV_FILE: "/dev/null" };
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...extra };
}

/** What `start` may be told. */
export interface StartOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Octets for standard input; closed at once without. */
  readonly stdin?: Uint8Array;
  /** Killed after this long, so that no test hangs. */
  readonly limitMs?: number;
}

/** A running program whose output is kept as it comes. */
export class Running {
  stdout = "";
  stderr = "";
  readonly process: Subprocess<"ignore" | Uint8Array, "pipe", "pipe">;
  readonly #output: Promise<unknown>;
  readonly #limit: Timer;
  #wake: (() => void)[] = [];

  constructor(command: readonly string[], options: StartOptions = {}) {
    this.process = spawn([...command], {
      cwd: options.cwd ?? PROJECT,
      env: cleanEnvironment(options.env ?? {}),
      stdin: options.stdin ?? "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#output = Promise.all([
      this.#read(this.process.stdout, (text) => {
        this.stdout += text;
      }),
      this.#read(this.process.stderr, (text) => {
        this.stderr += text;
      }),
    ]);
    this.#limit = setTimeout(() => this.process.kill("SIGKILL"), options.limitMs ?? 60_000);
  }

  async #read(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const part of stream) {
      take(decoder.decode(part, { stream: true }));
      this.#signal();
    }
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const each of wake) each();
  }

  /** Sends a signal; nothing happens when the program has ended. */
  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    this.process.kill(signal);
  }

  /** Waits for the end. */
  async ended(): Promise<Ended> {
    await this.process.exited;
    clearTimeout(this.#limit);
    await this.#output;
    const { exitCode, signalCode } = this.process;
    const signals: Record<string, number> = {
      SIGINT: 2,
      SIGKILL: 9,
      SIGTERM: 15,
      SIGPIPE: 13,
      SIGBUS: 7,
      SIGSEGV: 11,
    };
    const code = exitCode ?? 128 + (signals[signalCode ?? ""] ?? 0);
    return { exitCode: code, stdout: this.stdout, stderr: this.stderr };
  }

  /** Signals and waits for the end. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    this.kill(signal);
    return await this.ended();
  }

  /** Waits until the output (both streams) matches; fails with what was seen when it ends or takes too long. */
  async says(pattern: RegExp, timeoutMs = 10_000): Promise<void> {
    const seen = () => pattern.test(this.stderr) || pattern.test(this.stdout);
    const deadline = Date.now() + timeoutMs;
    while (!seen()) {
      if (Date.now() > deadline || this.process.exitCode !== null || this.process.signalCode !== null) {
        await Promise.race([this.#output, Bun.sleep(200)]);
        if (seen()) return;
        throw new Error(
          `${pattern} was not said. Standard error: ${this.stderr}\nStandard output: ${this.stdout}`,
        );
      }
      await Promise.race([new Promise<void>((resolve) => this.#wake.push(resolve)), Bun.sleep(50)]);
    }
  }
}

/** Starts a program. */
export function start(command: readonly string[], options: StartOptions = {}): Running {
  return new Running(command, options);
}

/** Runs a program to its end. */
export async function run(command: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return await start(command, options).ended();
}

/** Runs a program that must succeed and returns its standard output. */
export async function runOk(command: readonly string[], options: StartOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await run(command, options);
  if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}: ${stderr || stdout}`);
  return stdout;
}

/** Waits until `check` holds; fails with `what` after `timeoutMs`. */
export async function until(
  check: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await Bun.sleep(20);
  }
}

/** The report that a command printed: exactly one JSON document on standard output. */
export function reportOf({ stdout, stderr }: Ended): Report {
  try {
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error(`not one JSON document: ${stdout}\nStandard error: ${stderr}`, { cause: error });
  }
}
