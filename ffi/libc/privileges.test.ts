import { describe, expect, test } from "bun:test";
import { RscapError } from "../../src/report/error.ts";
import {
  becomeUser,
  clearCapabilities,
  dropBoundingSet,
  forbidNewPrivileges,
  lookUpUser,
  type PrivilegeCalls,
  restrictAllThreads,
  threadStatuses,
} from "./privileges.ts";

/** Calls that change nothing: each is written down with its numbers and returns what `answer` says, else 0. */
function recorded(answer: (call: string, args: readonly number[]) => number = () => 0): {
  calls: PrivilegeCalls;
  made: [string, ...number[]][];
} {
  const made: [string, ...number[]][] = [];
  const calls = new Proxy({} as PrivilegeCalls, {
    get:
      (_, call: string) =>
      (...args: number[]) => {
        made.push([call, ...args]);
        return answer(call, args);
      },
  });
  return { calls, made };
}

describe("users", () => {
  test("root is user 0, and a name that nobody has is nobody", () => {
    expect(lookUpUser("root")).toMatchObject({ name: "root", uid: 0, gid: 0 });
    expect(lookUpUser("root")?.groups).toContain(0);
    expect(lookUpUser("no-such-user")).toBeNull();
  });

  test("groups first, then group, then user; and there is no way back", () => {
    const user = { name: "rscap", uid: 998, gid: 997, groups: [997, 44] };
    const { calls, made } = recorded((call, [uid]) => (call === "setresuid" && uid === 0 ? -1 : 0));
    becomeUser(user, calls);
    expect(made.map(([call, first]) => [call, first])).toEqual([
      ["setgroups", 2],
      ["setresgid", 997],
      ["setresuid", 998],
      ["setresuid", 0],
    ]);
    expect(() => becomeUser(user, recorded().calls)).toThrow("the way back stayed open");
    const failing = recorded((call) => (call === "setresgid" ? -1 : 0)).calls;
    expect(() => becomeUser(user, failing)).toThrow(RscapError);
    expect(() => becomeUser(user, failing)).toThrow("--user (RSCAP_USER): can't become rscap: setresgid");
  });
});

describe("capabilities", () => {
  test("the bounding set goes until the kernel knows no more, then ambient, then the rest", () => {
    const known = 41;
    const { calls, made } = recorded((call, [option, capability = 0]) =>
      call === "prctl" && option === 24 && capability >= known ? -1 : 0,
    );
    expect(clearCapabilities([10], calls)).toBe(true);
    expect(made.slice(0, known).map(([, , capability]) => capability)).toEqual([...Array(known).keys()]);
    expect(made[known + 1]?.slice(0, 3)).toEqual(["prctl", 47, 4]);
    expect(made[known + 2]?.[0]).toBe("capset");
    expect(made).toHaveLength(known + 3);
    expect(clearCapabilities([], recorded((call) => (call === "capset" ? -1 : 0)).calls)).toBe(false);
    const none = recorded(() => -1);
    dropBoundingSet(none.calls);
    expect(none.made).toHaveLength(1);
  });

  test("no_new_privs, then the filter for all threads", () => {
    const { calls, made } = recorded();
    expect(forbidNewPrivileges(calls)).toBe(true);
    expect(made.splice(0)).toEqual([["prctl", 38, 1, 0, 0, 0]]);
    expect(restrictAllThreads(calls)).toBe(true);
    expect(made[1]?.[0]).toBe("syscall");
    // SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC
    expect(made[1]?.slice(2, 4)).toEqual([1, 1]);
    expect(restrictAllThreads(recorded((call) => (call === "syscall" ? 1234 : 0)).calls)).toBe(false);
    expect(restrictAllThreads(recorded(() => -1).calls)).toBe(false);
  });

  test("each thread of this process has a status", () => {
    const threads = threadStatuses();
    expect(threads.length).toBeGreaterThan(0);
    for (const { uid, permitted, effective } of threads) {
      expect(uid).toBe(process.getuid?.() ?? -1);
      expect(effective & ~permitted).toBe(0n);
    }
  });
});
