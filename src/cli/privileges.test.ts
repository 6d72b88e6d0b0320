import { describe, expect, test } from "bun:test";
import type { ThreadStatus, UserIds } from "../../ffi/libc/privileges.ts";
import { LogLines } from "../../tests/helpers/wire.ts";
import { EXIT, RscapError } from "../report/error.ts";
import {
  dropAfterCapture,
  dropInMainThread,
  dropPrivileges,
  PRIVILEGES,
  type Privileges,
  prepareDrop,
  userOf,
} from "./privileges.ts";

const RSCAP: UserIds = { name: "rscap", uid: 998, gid: 998, groups: [998] };
const NET_RAW = 1n << 13n;

/** A process of `uid` whose threads hold `permitted`; what is done to it stands in `done`. */
function processOf(
  uid: number,
  permitted: bigint,
  change: Partial<Privileges> = {},
): { done: string[]; privileges: Privileges } {
  const done: string[] = [];
  let status: ThreadStatus = { uid, permitted, effective: permitted, noNewPrivs: false };
  const privileges: Privileges = {
    ...PRIVILEGES,
    uid: () => status.uid,
    lookUpUser: (name) => (name === "rscap" ? RSCAP : name === "root" ? { ...RSCAP, name, uid: 0 } : null),
    becomeUser: (user) => {
      done.push(`become ${user.name}`);
      status = { ...status, uid: user.uid, permitted: 0n, effective: 0n };
    },
    clearCapabilities: (keep = []) => {
      done.push(`clear all but [${keep}]`);
      return true;
    },
    dropBoundingSet: () => void done.push("bounding set"),
    forbidNewPrivileges: () => {
      done.push("no new privileges");
      return true;
    },
    restrictAllThreads: () => {
      done.push("restrict");
      return true;
    },
    threadStatuses: () => [status, status],
    ...change,
  };
  return { done, privileges };
}

function errorOf(run: () => unknown): RscapError {
  try {
    run();
  } catch (error) {
    if (error instanceof RscapError) return error;
    throw error;
  }
  throw new Error("no error came");
}

describe("--user", () => {
  test("names whom to become; nobody, or who one is already, is nothing to do", () => {
    const root = processOf(0, NET_RAW).privileges;
    expect(userOf("rscap", root)).toEqual(RSCAP);
    expect(userOf("", root)).toBeNull();
    expect(userOf("rscap", processOf(998, 0n).privileges)).toBeNull();
  });

  test("an unknown user and root are wrong, and only root can become another", () => {
    const root = processOf(0, NET_RAW).privileges;
    expect(errorOf(() => userOf("nonesuch", root)).message).toContain('got "nonesuch", which is none here');
    expect(errorOf(() => userOf("root", root)).message).toContain("who has every privilege");
    const other = errorOf(() => userOf("rscap", processOf(1000, 0n).privileges));
    expect([other.exitCode, other.code]).toEqual([EXIT.environment, "user.failed"]);
    expect(other.message).toContain("this process runs as user number 1000");
  });
});

describe("what is given up when", () => {
  test("root with --user: all of it, in every thread, and nothing before the sockets are open", () => {
    const { done, privileges } = processOf(0, NET_RAW);
    const { lines, log } = new LogLines();
    prepareDrop(RSCAP, log, privileges);
    dropAfterCapture(RSCAP, privileges);
    dropPrivileges(RSCAP, log, privileges);
    dropInMainThread(RSCAP, privileges);
    expect(done).toEqual([
      "no new privileges",
      "bounding set",
      "become rscap",
      "clear all but []",
      "restrict",
      "clear all but []",
    ]);
    expect(lines).toEqual([
      "info: Privileges dropped: 2 threads run as rscap (user number 998) and can gain none again.",
    ]);
  });

  test("root without --user goes on as root, and is told what is recommended", () => {
    const { done, privileges } = processOf(0, NET_RAW);
    const { lines, log } = new LogLines();
    prepareDrop(null, log, privileges);
    dropAfterCapture(null, privileges);
    dropPrivileges(null, log, privileges);
    dropInMainThread(null, privileges);
    expect(done).toEqual([]);
    expect(lines[0]).toContain("name a user to go on as (--user)");
  });

  test("a user with capabilities loses them, before sockets talk to others", () => {
    const { done, privileges } = processOf(998, NET_RAW);
    const { lines, log } = new LogLines();
    prepareDrop(null, log, privileges);
    dropAfterCapture(null, privileges);
    dropPrivileges(null, log, privileges);
    dropInMainThread(null, privileges);
    expect(done).toEqual(["clear all but [10]", "clear all but []", "restrict", "clear all but []"]);
    expect(lines).toEqual(["info: Privileges dropped: 2 threads can gain none again."]);
  });

  test("a user without any has nothing to give up", () => {
    const { done, privileges } = processOf(998, 0n);
    const { lines, log } = new LogLines();
    prepareDrop(null, log, privileges);
    dropAfterCapture(null, privileges);
    dropPrivileges(null, log, privileges);
    expect([done, lines]).toEqual([[], []]);
  });

  test("a thread that kept what it had ends the run; a kernel without seccomp is told", () => {
    const kept = { uid: 0, permitted: NET_RAW, effective: NET_RAW, noNewPrivs: true };
    const { privileges } = processOf(0, NET_RAW, { threadStatuses: () => [kept] });
    const error = errorOf(() => dropPrivileges(RSCAP, () => {}, privileges));
    expect([error.exitCode, error.code]).toEqual([EXIT.environment, "user.threads"]);
    const { lines, log } = new LogLines();
    dropPrivileges(RSCAP, log, processOf(0, NET_RAW, { restrictAllThreads: () => false }).privileges);
    expect(lines[0]).toContain("The kernel refused the filter of system calls");
  });
});
