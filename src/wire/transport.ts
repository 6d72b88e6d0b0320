/**
 * How messages get from probes to clients. `pub`: a probe publishes to any number of clients and never waits.
 * `push`: any number of probes send to one client, which listens. `share`: a probe listens, and each of its
 * messages goes to one of the clients that connect.
 */
export type Transport = "pub" | "push" | "share";
