import type { PeerFailure } from "../../ffi/libzmq/monitor.ts";

/** Which end of a connection we are; the one that binds is the server of CURVE. */
export type Role = "bind" | "connect";

const KEYS = "--curve-keys";
const SERVER_KEY = "--curve-server-key";

/** Why a connection failed and what to do, as the end of a sentence. `own`: our public key, null without CURVE. */
export function failureAdvice(
  failure: PeerFailure,
  role: Role,
  own: { readonly publicKey: string } | null,
): string {
  switch (failure) {
    case "accept":
      return "the connection can't be accepted. If there are too many open files, raise `ulimit -n`.";
    case "refused":
      return own === null
        ? "it refused us."
        : `it refused our key ${own.publicKey}. Put our .key file into the folder of its ${KEYS}; we go on trying.`;
    case "protocol":
      return "it does not speak ZMTP as expected: is that another program's port?";
    case "keys":
      return role === "bind"
        ? `refused, it does not have our public key: its ${SERVER_KEY} must be ${own?.publicKey ?? "ours"}.`
        : `its key is not the one that ${SERVER_KEY} names.`;
    case "mechanism":
      return role === "bind" ? mechanismHere(own !== null) : mechanismThere(own !== null);
    case "closed":
      return role === "bind"
        ? `it went away before its handshake was over${own === null ? "." : "; perhaps it came without CURVE."}`
        : `it closed the connection in the handshake. ${closedBecause(own !== null)}`;
  }
}

function mechanismHere(secured: boolean): string {
  return secured
    ? `refused, it came without CURVE: it needs ${KEYS} and ${SERVER_KEY}.`
    : `it wants CURVE, which is off here. Turn it on with ${KEYS}.`;
}

function mechanismThere(secured: boolean): string {
  return secured
    ? `it does not use CURVE. Start it with ${KEYS}, or leave ${KEYS} out here.`
    : `it wants CURVE: set ${KEYS} and ${SERVER_KEY}.`;
}

function closedBecause(secured: boolean): string {
  return secured
    ? `Its key may be another than ${SERVER_KEY} says, or it does not use CURVE (${KEYS}).`
    : `If it uses CURVE, set ${KEYS} and ${SERVER_KEY}.`;
}
