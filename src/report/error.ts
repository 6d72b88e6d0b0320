/** Exit codes of every command; design: "Findings, errors, exit codes". */
export const EXIT = {
  /** Clean. */
  ok: 0,
  /** Findings at or above `--fail-on`. */
  findings: 1,
  /** Wrong usage or setting. */
  usage: 2,
  /** Input unreadable or damaged. */
  input: 3,
  /** The environment: permission, device, address in use, library, disk. */
  environment: 4,
  /** SIGINT, after everything is flushed. */
  interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Misuse or a fault of the environment; never thrown for a bad stream. The message is for a person: what
 * was expected, what was got, what to do. `code` is stable and for machines.
 */
export class RscapError extends Error {
  override readonly name = "RscapError";

  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, exitCode: ExitCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** Wrong usage or setting (exit 2). The message names the flag and the variable. */
export function usageError(code: string, message: string, cause?: unknown): RscapError {
  return new RscapError(code, EXIT.usage, message, { cause });
}

/** Input that can't be read or is damaged (exit 3). */
export function inputError(code: string, message: string, cause?: unknown): RscapError {
  return new RscapError(code, EXIT.input, message, { cause });
}

/** No permission, no device, address in use, library missing, disk full (exit 4). */
export function environmentError(code: string, message: string, cause?: unknown): RscapError {
  return new RscapError(code, EXIT.environment, message, { cause });
}
