import { isIP } from "node:net";
import { checkHost, MAX_PORT } from "./check.ts";

/** Where an HTTP endpoint listens. */
export interface ListenAddress {
  /** Address or name, IPv6 without brackets. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Only programs of this machine can reach it. */
  readonly loopback: boolean;
}

/** Where nobody else than this machine is meant. */
const LOOPBACK = "127.0.0.1";

/** `*` is every device. */
const EVERY_DEVICE = "0.0.0.0";

/** `[host]:port` taken apart; null where it is none. Without a host, or with the port alone, it is loopback. */
export function parseListen(text: string): ListenAddress | null {
  const match = /^(?:(\[[^\]]+\]|[^:[\]]*):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > MAX_PORT) return null;
  const given = (match[1] ?? "").replace(/^\[(.*)\]$/, "$1");
  if (match[1]?.startsWith("[") === true && isIP(given) !== 6) return null;
  if (given !== "" && checkHost(given) !== null) return null;
  const host = given === "" ? LOOPBACK : given === "*" ? EVERY_DEVICE : given;
  return { host, port, loopback: isLoopback(host) };
}

/** Accepts what `parseListen` reads. */
export function checkListen(text: string): string | null {
  return parseListen(text) === null ? "[host]:port, such as :9464, 192.0.2.7:9464 or [::1]:9464" : null;
}

/** True for names and addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
