import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { EXIT, RscapError } from "../report/error.ts";
import { bindError, checkIpcFree, connectError, parseEndpoint } from "./endpoint.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-endpoint-"));
afterAll(() => rmSync(folder, { recursive: true }));

function thrown(run: () => unknown): RscapError {
  try {
    run();
  } catch (error) {
    if (error instanceof RscapError) return error;
  }
  throw new Error("expected an RscapError");
}

test("tcp and ipc endpoints are taken apart", () => {
  expect(parseEndpoint("tcp://127.0.0.1:5556")).toEqual({ protocol: "tcp", host: "127.0.0.1", port: 5556 });
  expect(parseEndpoint("tcp://*:*")).toEqual({ protocol: "tcp", host: "*", port: 0 });
  expect(parseEndpoint("tcp://[fe80::1%eth0]:1")).toEqual({ protocol: "tcp", host: "fe80::1%eth0", port: 1 });
  expect(parseEndpoint("ipc:///run/rscap")).toEqual({ protocol: "ipc", path: "/run/rscap" });
});

test("a bad endpoint is wrong usage and names the setting", () => {
  for (const text of [
    "",
    "5556",
    "udp://a:1",
    "tcp://a",
    "tcp://a:0",
    "tcp://a:65536",
    "tcp://::1:5",
    "ipc://",
  ]) {
    const error = thrown(() => parseEndpoint(text));
    expect(error.exitCode).toBe(EXIT.usage);
    expect(error.message).toContain("--endpoint (ENDPOINT)");
    expect(error.message).toContain(`"${text}"`);
  }
  expect(thrown(() => parseEndpoint(`ipc:///${"x".repeat(107)}`)).message).toContain("107");
});

test("no text makes the parser throw anything but a usage error", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseEndpoint(`tcp://${text}`);
      } catch (error) {
        expect(error).toBeInstanceOf(RscapError);
      }
    }),
  );
});

test("an ipc path that is a file is not taken away", () => {
  const path = join(folder, "notes.txt");
  writeFileSync(path, "keep");
  expect(thrown(() => checkIpcFree(`ipc://${path}`)).exitCode).toBe(EXIT.usage);
});

test("an ipc path without a folder says so", () => {
  const error = thrown(() => checkIpcFree(`ipc://${folder}/none/socket`));
  expect(error.exitCode).toBe(EXIT.environment);
  expect(error.message).toContain(`${folder}/none`);
});

test("an ipc socket that somebody listens on is in use, a new one or tcp is free", async () => {
  const path = join(folder, "socket");
  expect(() => checkIpcFree(`ipc://${path}`)).not.toThrow();
  expect(() => checkIpcFree("tcp://127.0.0.1:5556")).not.toThrow();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  expect(thrown(() => checkIpcFree(`ipc://${path}`)).code).toBe("endpoint.inUse");
  await new Promise((resolve) => server.close(resolve));
});

test("errno values become sentences and exit codes", () => {
  expect(bindError("tcp://a:1", 98)).toMatchObject({ code: "endpoint.inUse", exitCode: EXIT.environment });
  expect(bindError("tcp://a:1", 99)).toMatchObject({ code: "endpoint.notLocal", exitCode: EXIT.environment });
  expect(bindError("tcp://a:1", 19).code).toBe("endpoint.notLocal");
  expect(bindError("tcp://a:1", 13).code).toBe("endpoint.permission");
  expect(bindError("tcp://a:1", 22)).toMatchObject({ code: "endpoint.invalid", exitCode: EXIT.usage });
  expect(connectError("tcp://a:1", 12)).toMatchObject({
    code: "endpoint.failed",
    exitCode: EXIT.environment,
  });
});
