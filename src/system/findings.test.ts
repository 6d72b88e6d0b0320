import { describe, expect, test } from "bun:test";
import { SYSTEM } from "../report/fixture-system.ts";
import type { InterfaceReport, SystemReport } from "../report/system-schema.ts";
import { NO_WALL_CLOCK } from "../report/time.ts";
import { SystemFindings } from "./findings.ts";

const eth1 = SYSTEM.interfaces[0] as InterfaceReport;
let serial = 0;

function machine(change: Partial<InterfaceReport>, more: Partial<SystemReport> = {}): SystemReport {
  return { ...SYSTEM, time: `t${++serial}`, interfaces: [{ ...eth1, ...change }], ...more };
}

function told(findings: SystemFindings): string[] {
  return findings.findings(NO_WALL_CLOCK).map(({ code, severity, count }) => `${severity} ${code} ${count}`);
}

describe("findings on the machine", () => {
  test("what the device had counted before is not of this run", () => {
    const findings = new SystemFindings();
    findings.look(machine({}), true, 0);
    findings.look(machine({}), true, 1);
    expect(told(findings)).toEqual([]);
  });

  test("errors, drops and lost links since then, each measurement once", () => {
    const findings = new SystemFindings();
    findings.look(machine({}), false, Number.NaN);
    const worse = machine({
      receiveErrors: eth1.receiveErrors + 5,
      receiveDropped: eth1.receiveDropped + 6,
      receiveFifo: eth1.receiveFifo + 1,
      receiveMissed: (eth1.receiveMissed ?? 0) + 7,
      carrierLosses: 3,
    });
    findings.look(worse, false, 1e9);
    findings.look(worse, false, 2e9);
    expect(told(findings)).toEqual([
      "warning interface-errors 5",
      "warning interface-missed 8",
      "info interface-dropped 6",
      "warning carrier-lost 2",
    ]);
    const [first] = findings.findings(NO_WALL_CLOCK);
    expect(first).toMatchObject({ stream: "input", first: "+1.000000000s", last: "+1.000000000s" });
    expect(first?.text).toStartWith("The network device received 5 damaged frames");
  });

  test("a device that was made anew counts from 0", () => {
    const findings = new SystemFindings();
    findings.look(machine({ receiveErrors: 100 }), false, 0);
    findings.look(machine({ receiveErrors: 2 }), false, 1);
    expect(told(findings)).toEqual(["warning interface-errors 2"]);
  });

  test("a clock that nobody keeps matters only where streams are judged by it", () => {
    const clock = { ...(SYSTEM.clock as NonNullable<SystemReport["clock"]>), synchronised: false };
    const findings = new SystemFindings();
    findings.look(machine({}, { clock }), false, 0);
    expect(told(findings)).toEqual([]);
    findings.look(machine({}, { clock }), true, 1);
    findings.look(machine({}, { clock }), true, 2);
    expect(told(findings)).toEqual(["info clock-not-synchronised 1"]);
    const unknown = new SystemFindings();
    unknown.look(machine({}, { clock: null }), true, 1);
    expect(told(unknown)).toEqual([]);
  });
});
