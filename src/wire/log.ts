/** Where the wire tells of peers, restarts and losses; the worker passes it on to the log. */
export type WireLog = (
  level: "debug" | "info" | "warning" | "error",
  message: string,
  properties?: Record<string, unknown>,
) => void;
