/**
 * Who the process runs as and what it may do. setgroups, setresgid and setresuid of glibc change every thread of the
 * process; prctl(2) and capset(2) change only the thread that calls them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { environmentError, type RscapError } from "../../src/report/error.ts";
import { openLibrary } from "../load.ts";
import { addressOf, alloc, cString, OutPointer } from "../memory.ts";
import { ERRNO } from "./constants.ts";
import { errno, errorText, type NumberCalls } from "./libc.ts";
import { seccompFilter } from "./seccomp.ts";

const SYMBOLS = {
  getpwnam_r: { args: ["ptr", "ptr", "ptr", "u64", "ptr"], returns: "i32" },
  getgrouplist: { args: ["ptr", "u32", "ptr", "ptr"], returns: "i32" },
  setgroups: { args: ["u64", "ptr"], returns: "i32" },
  setresgid: { args: ["u32", "u32", "u32"], returns: "i32" },
  setresuid: { args: ["u32", "u32", "u32"], returns: "i32" },
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
  capset: { args: ["ptr", "ptr"], returns: "i32" },
  /** With the arguments of seccomp(2): operation, flags, program. */
  syscall: { args: ["i64", "u64", "u64", "ptr"], returns: "i32" },
} as const;

/** The functions of libc that this takes; tests give their own, since no privilege comes back. */
export type PrivilegeCalls = NumberCalls<typeof SYMBOLS>;

const libc = (): PrivilegeCalls => openLibrary("libc", SYMBOLS).symbols as unknown as PrivilegeCalls;

/** A user as `--user` names one. */
export interface UserIds {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** All groups, `gid` too. */
  readonly groups: readonly number[];
}

// struct passwd: char *pw_name, *pw_passwd; uid_t pw_uid; gid_t pw_gid; …
const PASSWD_BYTES = 48;
const PASSWD_UID = 16;
const PASSWD_GID = 20;
const PASSWD_TEXT_BYTES = 16 * 1024;
/** NGROUPS_MAX. */
const GROUPS_MAX = 65536;

// linux/prctl.h
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;

// linux/capability.h
const CAPABILITY_VERSION_3 = 0x20080522;
/** Capabilities that fit into the two words of version 3. */
const CAPABILITIES_MAX = 64;
/** Binding a port below 1024. */
export const CAP_NET_BIND_SERVICE = 10;

// linux/seccomp.h
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_TSYNC = 1;

/** The user called `name`, by the system's own look-up (passwd, LDAP, systemd …); null when there is none. */
export function lookUpUser(name: string): UserIds | null {
  const { getpwnam_r, getgrouplist } = libc();
  const text = cString(name);
  const record = alloc(PASSWD_BYTES);
  const texts = alloc(PASSWD_TEXT_BYTES);
  const found = new OutPointer();
  const code = getpwnam_r(addressOf(text), addressOf(record), addressOf(texts), texts.length, found.address);
  if (code !== 0 || found.value === 0) return null;
  const view = new DataView(record.buffer);
  const uid = view.getUint32(PASSWD_UID, true);
  const gid = view.getUint32(PASSWD_GID, true);
  const groups = alloc(4 * GROUPS_MAX);
  const count = alloc(4);
  const countView = new DataView(count.buffer);
  countView.setInt32(0, GROUPS_MAX, true);
  const known = getgrouplist(addressOf(text), gid, addressOf(groups), addressOf(count)) >= 0;
  const list = [...new Uint32Array(groups.buffer, 0, known ? countView.getInt32(0, true) : 0)];
  return { name, uid, gid, groups: list.includes(gid) ? list : [gid, ...list] };
}

/** Makes every thread run as `user`, for good; the kernel takes root's capabilities away with it. */
export function becomeUser({ name, uid, gid, groups }: UserIds, calls: PrivilegeCalls = libc()): void {
  const { setgroups, setresgid, setresuid } = calls;
  const list = alloc(4 * groups.length);
  new Uint32Array(list.buffer).set(groups);
  const steps: [string, () => number][] = [
    ["setgroups", () => setgroups(groups.length, addressOf(list))],
    ["setresgid", () => setresgid(gid, gid, gid)],
    ["setresuid", () => setresuid(uid, uid, uid)],
  ];
  for (const [call, step] of steps) if (step() !== 0) throw refused(call, name, errno());
  if (setresuid(0, 0, 0) === 0) throw refused("setresuid", name, 0);
}

function refused(call: string, name: string, code: number): RscapError {
  const why = code === 0 ? "the way back stayed open" : errorText(code);
  const advice = code === ERRNO.EPERM ? " Only root can become another user: start it with sudo." : "";
  return environmentError(
    "user.failed",
    `--user (RSCAP_USER): can't become ${name}: ${call}: ${why}.${advice}`,
  );
}

/**
 * Takes the capabilities of the calling thread, and of those it will start: bounding, ambient, inheritable, permitted
 * and effective. `keep` stay permitted and effective. True when all went; the bounding set needs CAP_SETPCAP.
 */
export function clearCapabilities(keep: readonly number[] = [], calls: PrivilegeCalls = libc()): boolean {
  const { prctl, capset } = calls;
  dropBoundingSet(calls);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // struct __user_cap_header_struct, then two of __user_cap_data_struct: effective, permitted, inheritable.
  const header = alloc(8);
  new DataView(header.buffer).setUint32(0, CAPABILITY_VERSION_3, true);
  const data = alloc(24);
  const view = new DataView(data.buffer);
  const held = threadStatus("/proc/thread-self/status").permitted;
  for (const capability of keep) {
    if ((held & (1n << BigInt(capability))) === 0n) continue;
    const off = (capability >> 5) * 12;
    const bits = view.getUint32(off, true) | (1 << (capability & 31));
    view.setUint32(off, bits, true);
    view.setUint32(off + 4, bits, true);
  }
  return capset(addressOf(header), addressOf(data)) === 0;
}

/** Empties the bounding set of the calling thread and of those it will start; what they hold stays. */
export function dropBoundingSet({ prctl }: PrivilegeCalls = libc()): void {
  // The first number that the kernel does not know ends the list; without CAP_SETPCAP none can be dropped.
  for (let capability = 0; capability < CAPABILITIES_MAX; capability++) {
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) !== 0) return;
  }
}

/** no_new_privs for the calling thread, and those it will start. */
export function forbidNewPrivileges({ prctl }: PrivilegeCalls = libc()): boolean {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) === 0;
}

/**
 * no_new_privs and the filter of `seccomp.ts` for all threads; false where the kernel refuses (then the calling thread has
 * no_new_privs alone).
 */
export function restrictAllThreads(calls: PrivilegeCalls = libc()): boolean {
  if (!forbidNewPrivileges(calls)) return false;
  const filter = seccompFilter();
  if (filter === null) return false;
  const { instructions, systemCall } = filter;
  const code = alloc(instructions.length);
  code.set(instructions);
  // struct sock_fprog: u16 len, padding, struct sock_filter *filter.
  const program = alloc(16);
  const view = new DataView(program.buffer);
  view.setUint16(0, instructions.length / 8, true);
  view.setBigUint64(8, BigInt(addressOf(code)), true);
  const status = calls.syscall(
    systemCall,
    SECCOMP_SET_MODE_FILTER,
    SECCOMP_FILTER_FLAG_TSYNC,
    addressOf(program),
  );
  // `code` is only named in native memory: keep it referenced until the call is over.
  return status === 0 && code.length > 0;
}

/** What /proc tells of one thread's privileges. */
export interface ThreadStatus {
  readonly uid: number;
  readonly permitted: bigint;
  readonly effective: bigint;
  readonly noNewPrivs: boolean;
}

function threadStatus(path: string): ThreadStatus {
  const text = readFileSync(path, "utf8");
  const field = (name: string): string => new RegExp(`^${name}:\\s*(\\w+)`, "m").exec(text)?.[1] ?? "0";
  return {
    uid: Number(field("Uid")),
    permitted: BigInt(`0x${field("CapPrm")}`),
    effective: BigInt(`0x${field("CapEff")}`),
    noNewPrivs: field("NoNewPrivs") === "1",
  };
}

/** The privileges of each thread of this process; one that ends meanwhile is left out. */
export function threadStatuses(): ThreadStatus[] {
  return readdirSync("/proc/self/task").flatMap((thread) => {
    try {
      return [threadStatus(`/proc/self/task/${thread}/status`)];
    } catch {
      return [];
    }
  });
}
