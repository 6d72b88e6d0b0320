import { expect, test } from "bun:test";
import { endpointsOf } from "./endpoint.ts";

const nothing = { endpoint: [], ipcPath: "", targetIp: "127.0.0.1", targetPort: 5556 };

test("host and port, IPv6 in brackets", () => {
  expect(endpointsOf(nothing, "bind")).toEqual(["tcp://127.0.0.1:5556"]);
  expect(endpointsOf({ ...nothing, targetIp: "2001:db8::1" }, "bind")).toEqual(["tcp://[2001:db8::1]:5556"]);
});

test("a Unix socket goes before host and port, an endpoint before both", () => {
  expect(endpointsOf({ ...nothing, ipcPath: "/run/rscap" }, "bind")).toEqual(["ipc:///run/rscap"]);
  const all = { ...nothing, ipcPath: "/run/rscap", endpoint: ["tcp://a:1", "tcp://b:2"] };
  expect(endpointsOf(all, "connect")).toEqual(["tcp://a:1", "tcp://b:2"]);
});

test("every device to listen on is the machine itself to connect to", () => {
  for (const targetIp of ["*", "0.0.0.0"]) {
    expect(endpointsOf({ ...nothing, targetIp }, "bind")).toEqual([`tcp://${targetIp}:5556`]);
    expect(endpointsOf({ ...nothing, targetIp }, "connect")).toEqual(["tcp://127.0.0.1:5556"]);
  }
  expect(endpointsOf({ ...nothing, targetIp: "::" }, "connect")).toEqual(["tcp://[::1]:5556"]);
  expect(endpointsOf({ ...nothing, endpoint: ["tcp://0.0.0.0:9"] }, "connect")).toEqual([
    "tcp://127.0.0.1:9",
  ]);
});
