import { describe, expect, test } from "bun:test";
import { rscapCommand, run, runOk, start, until } from "./run.ts";

describe("programs under test", () => {
  test("exit codes, output and signals are told as a shell tells them", async () => {
    expect(await run(["sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
      exitCode: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
    expect((await start(["sleep", "60"]).stop("SIGTERM")).exitCode).toBe(143);
    expect((await run(["sleep", "60"], { limitMs: 50 })).exitCode).toBe(137);
  });

  test("standard input is given and the environment is our own", async () => {
    const stdin = new TextEncoder().encode("in");
    expect(await runOk(["cat"], { stdin })).toBe("in");
    process.env.TARGET_PORT = "1";
    expect(await runOk(["sh", "-c", "echo $TARGET_PORT$EXTRA"], { env: { EXTRA: "x" } })).toBe("x\n");
    delete process.env.TARGET_PORT;
  });

  test("says waits for a line and fails with what was said instead", async () => {
    const running = start(["sh", "-c", "echo one; sleep 0.1; echo two; exec sleep 60"]);
    await running.says(/two/);
    await running.stop("SIGKILL");
    const ended = start(["sh", "-c", "echo other"]);
    expect(ended.says(/never/)).rejects.toThrow(/never.*was not said.*\n.*other/);
  });

  test("runOk and until fail in words", async () => {
    expect(runOk(["sh", "-c", "echo bad >&2; exit 1"])).rejects.toThrow(/ended with 1: bad/);
    expect(until(() => false, "a thing", 1)).rejects.toThrow(/in vain: a thing/);
    await until(() => true, "");
  });

  test("RSCAP_BIN chooses the executable, else the source runs", () => {
    expect(rscapCommand("probe").at(-1)).toBe("probe");
    expect(rscapCommand("probe").at(-2)).toMatch(process.env.RSCAP_BIN ? /\/[^/]+$/ : /src\/main\.ts$/);
  });
});
