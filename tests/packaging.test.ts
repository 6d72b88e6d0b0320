/** The systemd units: what systemd says of them is what the README says. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { settingOf, settingsFor } from "../src/settings/table.ts";
import { PROJECT, run } from "./helpers/run.ts";
import { needsProgram, testWith } from "./helpers/skip.ts";

const UNITS = ["probe", "client"] as const;

const unitPath = (command: string): string => `${PROJECT}packaging/systemd/rscap-${command}.service`;

describe.each(UNITS)("rscap-%s.service", (command) => {
  test("starts the command with flags that exist", () => {
    const start = /^ExecStart=\S*\/rscap (.*)$/m.exec(readFileSync(unitPath(command), "utf8"))?.[1] ?? "";
    expect(start).toStartWith(command);
    const known = settingsFor(command).map((key) => `--${settingOf(key).flag}`);
    for (const flag of start.match(/--[a-z-]+/g) ?? []) expect(known).toContain(flag);
  });

  testWith(
    needsProgram("systemd-analyze", "systemd"),
    `systemd finds no fault in rscap-${command}.service, and rates it as the README says`,
    async () => {
      const verified = await run(["systemd-analyze", "verify", unitPath(command)]);
      const faults = verified.stderr.split("\n").filter((line) => line.includes(`rscap-${command}.service:`));
      // The executable stands there only once it is installed.
      expect(faults.filter((line) => !line.includes("is not executable"))).toEqual([]);
      const rated = await run([
        ...["systemd-analyze", "security", "--offline=true", "--no-pager"],
        unitPath(command),
      ]);
      const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(rated.stdout)?.[1]);
      const told = /rates their exposure ([\d.]+) and ([\d.]+)/.exec(
        readFileSync(`${PROJECT}README.md`, "utf8").replaceAll("\n", " "),
      );
      // Each version of systemd weighs a little differently; the README has what Debian 12's 252 says.
      const difference = exposure - Number(told?.[command === "probe" ? 1 : 2]);
      expect(Math.abs(difference)).toBeLessThan(0.5);
    },
  );
});
