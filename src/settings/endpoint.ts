import type { Config } from "./table.ts";

/** The part of the settings that says where probe and client meet. */
export type EndpointSettings = Pick<Config, "endpoint" | "ipcPath" | "targetIp" | "targetPort">;

/** A name that means every device can only be listened on; the way to it is the machine itself. */
function reachable(endpoint: string): string {
  return endpoint
    .replace(/^tcp:\/\/(\*|0\.0\.0\.0)(?=:)/, "tcp://127.0.0.1")
    .replace(/^tcp:\/\/\[::\]/, "tcp://[::1]");
}

/**
 * The ZeroMQ endpoints of a run, never empty: `--endpoint`, else `--ipc-path`, else `--target-ip` and
 * `--target-port`. So that one `.env` serves both ends, `*` and `0.0.0.0` become the loopback address for
 * the end that connects. IPv6 addresses get their brackets.
 */
export function endpointsOf(settings: EndpointSettings, role: "bind" | "connect"): string[] {
  let endpoints: string[];
  if (settings.endpoint.length > 0) {
    endpoints = [...settings.endpoint];
  } else if (settings.ipcPath !== "") {
    endpoints = [`ipc://${settings.ipcPath}`];
  } else {
    const host = settings.targetIp.includes(":") ? `[${settings.targetIp}]` : settings.targetIp;
    endpoints = [`tcp://${host}:${settings.targetPort}`];
  }
  return role === "bind" ? endpoints : endpoints.map(reachable);
}
