import { checkListen } from "../listen.ts";
import type { Setting } from "../setting.ts";

/** What others may read over HTTP, and who. */
export const HTTP_SETTINGS = {
  metrics: {
    type: "string",
    value: "[host]:port",
    flag: "metrics",
    env: ["METRICS"],
    commands: ["probe", "client"],
    group: "HTTP",
    help: "serve metrics for Prometheus at http://host:port/metrics, with /healthz and /readyz; without a host on loopback only",
    default: "",
    defaultText: "none",
    check: checkListen,
  },
  httpToken: {
    type: "secret",
    flag: "http-token-file",
    env: ["HTTP_TOKEN"],
    commands: ["probe", "client"],
    group: "HTTP",
    help: "bearer token that HTTP requests must have; needed where the host is not loopback",
    default: "",
  },
  httpCert: {
    type: "string",
    value: "file",
    flag: "http-cert",
    env: ["HTTP_CERT"],
    commands: ["probe", "client"],
    group: "HTTP",
    help: "certificate chain in PEM: HTTP becomes HTTPS; needed where the host is not loopback",
    default: "",
  },
  httpKey: {
    type: "string",
    value: "file",
    flag: "http-key",
    env: ["HTTP_KEY"],
    commands: ["probe", "client"],
    group: "HTTP",
    help: "private key of the certificate, in PEM",
    default: "",
  },
  httpInsecure: {
    type: "boolean",
    flag: "http-insecure",
    env: ["HTTP_INSECURE"],
    commands: ["probe", "client"],
    group: "HTTP",
    help: "allow HTTP without token and TLS on hosts that are not loopback: for networks that are closed by other means",
    default: false,
  },
} as const satisfies Record<string, Setting>;
