import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { completionAnswer, completionScript, SHELLS } from "./completion.ts";

const devices = (): readonly string[] => ["eth0", "wlan0"];

function candidates(...args: string[]): string[] {
  return completionAnswer(args, devices)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(":"))
    .map((line) => line.split("\t")[0] ?? "");
}

describe("answers", () => {
  test("commands", () => {
    expect(candidates("")).toEqual(["probe", "client", "replay", "devices", "keygen", "completion", "help"]);
    expect(candidates("re")).toEqual(["replay"]);
  });

  test("flags of the command at hand, with their help", () => {
    expect(candidates("probe", "--no-")).toEqual(["--no-zmq", "--no-progress"]);
    expect(candidates("client", "--source")).toEqual([]);
    expect(completionAnswer(["client", "--output"], devices)).toStartWith("--output-file\tfile to write");
  });

  test("choices, devices, shells, commands to ask help for", () => {
    expect(candidates("probe", "--transport", "")).toEqual(["pub", "push", "share"]);
    expect(candidates("probe", "--fail-on", "w")).toEqual(["warning"]);
    expect(candidates("probe", "--source-device", "")).toEqual(["eth0", "wlan0", "any"]);
    expect(candidates("probe", "-i", "e")).toEqual(["eth0"]);
    expect(candidates("completion", "")).toEqual([...SHELLS]);
    expect(candidates("help", "p")).toEqual(["probe"]);
  });

  test("a flag after a flag without a value", () => {
    expect(candidates("probe", "--discover", "--drop")).toEqual(["--drop-null"]);
  });

  test("file names are the shell's", () => {
    for (const args of [
      ["replay", ""],
      ["replay", "cap"],
      ["replay", "a.pcap", "--loop", "2", "b"],
      ["replay", "--output-file", ""],
      ["monitor", "-o", "x"],
      ["probe", "--env-file", ""],
    ]) {
      expect(completionAnswer(args, devices)).toBe(":0\n");
    }
    expect(completionAnswer(["replay", "--transport", ""], devices)).toEndWith(":4\n");
  });

  test("the devices are looked up only where one is wanted", () => {
    const fail = (): readonly string[] => {
      throw new Error("looked up");
    };
    expect(() => completionAnswer(["probe", "--transport", ""], fail)).not.toThrow();
    expect(() => completionAnswer(["probe", "-i", ""], fail)).toThrow("looked up");
  });

  test("any words give an answer that ends with a directive", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom("probe", "replay", "-", "--", "-i"))),
        (args) => {
          expect(completionAnswer(args, devices)).toMatch(/:\d+\n$/);
        },
      ),
    );
  });
});

describe("scripts", () => {
  test.each(SHELLS.map((shell) => [shell]))("%s: asks rscap complete", (shell) => {
    expect(completionScript(shell)).toContain("rscap complete --");
  });

  test("bash accepts its script, twice, without bash-completion, and completes", () => {
    const stub = "rscap() { printf 'probe\\tcapture\\nreplay\\tfiles\\n:4\\n'; }\n";
    const use = [
      'COMP_LINE="rscap "; COMP_POINT=6; COMP_WORDS=(rscap ""); COMP_CWORD=1; __rscap_complete',
      'printf "%s\\n" "\x24{COMPREPLY[@]}"',
      "complete -p rscap",
    ].join("\n");
    const text = stub + completionScript("bash") + completionScript("bash") + use;
    const { stdout, stderr, exitCode } = Bun.spawnSync(["bash", "--norc", "-c", text]);
    expect(stderr.toString().replaceAll(/^.*compopt: not currently executing.*\n/gm, "")).toBe("");
    expect(stdout.toString()).toBe(
      "probe\nreplay\ncomplete -o bashdefault -o default -F __rscap_complete rscap\n",
    );
    expect(exitCode).toBe(0);
  });
});
