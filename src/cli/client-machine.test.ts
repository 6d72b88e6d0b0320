import { expect, test } from "bun:test";
import { clientMachine } from "./client-machine.ts";

const NOTHING = { showOsStats: false, segments: "", sqlite: "", jsonl: "" };

test("the machine is measured when it is asked for, and figures are kept for a moment", () => {
  expect(clientMachine(NOTHING, "capture.ts")).toBeNull();
  const machine = clientMachine(
    { ...NOTHING, showOsStats: true, segments: "/tmp", jsonl: "-" },
    "/tmp/capture.ts",
  );
  if (machine === null) throw new Error("not measured");
  const first = machine.at(1000);
  expect(first.host.cores).toBeGreaterThan(0);
  expect(machine.at(1500)).toBe(first);
  expect(machine.at(2500)).not.toBe(first);
  machine.close();
});
