import {
  configureSync,
  getAnsiColorFormatter,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type LogRecord,
  type TextFormatter,
} from "@logtape/logtape";

/** Severity of a log line. */
export type LogLevel = "trace" | "debug" | "info" | "warning" | "error";

/** Takes a log line for a person or a machine; workers send theirs to the main thread's. */
export type Log = (level: LogLevel, message: string, properties?: Record<string, unknown>) => void;

/** How to log. */
export interface LogOptions {
  /** Least severe level that is written. */
  readonly level: LogLevel | "off";
  readonly format: "text" | "json";
  /** Colour, where standard error is a terminal that wants it. */
  readonly colour: boolean;
  /** Takes whole lines, with their line feed. */
  readonly write: (line: string) => void;
}

const CATEGORY = "rscap";

/** `12:30:01.123 WARNING text`: the day is in the journal, the category is always ours. */
function textFormatter(colour: boolean): TextFormatter {
  const shared = {
    timestamp: "rfc3339",
    level: "FULL",
    format: (values: { timestamp: string | null; level: string; message: string }) =>
      `${values.timestamp} ${values.level} ${values.message}`,
  } as const;
  return colour ? getAnsiColorFormatter(shared) : getTextFormatter(shared);
}

/** Where lines go; changes while a live view owns the screen. */
let writeLine: (line: string) => void = () => {};

/** Sends further log lines elsewhere, e.g. above a live view. */
export function setLogWriter(write: (line: string) => void): void {
  writeLine = write;
}

/** Sets up the log of this process; may be called again. */
export function setUpLogging(options: LogOptions): void {
  writeLine = options.write;
  const format = options.format === "json" ? getJsonLinesFormatter() : textFormatter(options.colour);
  const sink = (record: LogRecord): void => writeLine(format(record));
  configureSync({
    reset: true,
    sinks: { lines: sink },
    loggers: [
      {
        category: CATEGORY,
        sinks: ["lines"],
        lowestLevel: options.level === "off" ? null : options.level,
      },
      { category: ["logtape", "meta"], sinks: ["lines"], lowestLevel: "error" },
    ],
  });
}

/** The log of the main thread. The message is plain text: braces in it, e.g. from the network, stay. */
export const log: Log = (level, message, properties = {}) => {
  // Without an opening brace the logger takes the text as it is, closing braces doubled and all.
  const template = message.includes("{") ? message.replaceAll("{", "{{").replaceAll("}", "}}") : message;
  const logger = getLogger(CATEGORY);
  logger[level](template, properties);
};
