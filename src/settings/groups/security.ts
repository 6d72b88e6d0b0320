import type { Setting } from "../setting.ts";

/** Who may connect, and who may read along. */
export const SECURITY_SETTINGS = {
  curveKeys: {
    type: "string",
    value: "folder",
    flag: "curve-keys",
    env: ["CURVE_KEYS"],
    commands: ["probe", "client", "replay", "keygen"],
    group: "Security",
    help:
      "encrypt ZeroMQ by CURVE with the secret key (*.key_secret) in this folder; the end that binds lets in the " +
      "public keys (*.key) in it, and nobody else; keygen makes keys there",
    default: "",
    defaults: { keygen: "." },
    defaultText: "no encryption; keygen: the current folder",
  },
  curveServerKey: {
    type: "list",
    value: "key",
    flag: "curve-server-key",
    env: ["CURVE_SERVER_KEY"],
    commands: ["probe", "client", "replay"],
    group: "Security",
    help:
      "for the end that connects: public key of the end that binds, its .key file or the 40 characters themselves; " +
      "one for all endpoints, or one for each in their order",
    default: [],
  },
  user: {
    type: "string",
    value: "name",
    flag: "user",
    env: ["RSCAP_USER"],
    commands: ["probe", "client"],
    group: "Security",
    help: "started by root: go on as this user, without capabilities, once the capture is open",
    default: "",
    defaultText: "the user that starts it",
  },
} as const satisfies Record<string, Setting>;
