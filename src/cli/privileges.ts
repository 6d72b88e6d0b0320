/** Gives up what is needed only to start: root, and capabilities. */
import {
  becomeUser,
  CAP_NET_BIND_SERVICE,
  clearCapabilities,
  dropBoundingSet,
  forbidNewPrivileges,
  lookUpUser,
  restrictAllThreads,
  threadStatuses,
  type UserIds,
} from "../../ffi/libc/privileges.ts";
import { environmentError, usageError } from "../report/error.ts";
import type { WireLog } from "../wire/log.ts";

const FLAG = "--user (RSCAP_USER)";

/** What the steps below do to the process; tests give their own, since no privilege comes back. */
export const PRIVILEGES = {
  uid: (): number => process.geteuid?.() ?? 0,
  lookUpUser,
  becomeUser,
  clearCapabilities,
  dropBoundingSet,
  forbidNewPrivileges,
  restrictAllThreads,
  threadStatuses,
};

/** See `PRIVILEGES`. */
export type Privileges = typeof PRIVILEGES;

/**
 * The user that `--user` names; null where none is named, or the process runs as that one already. A usage error for a name
 * that nobody has, and for root; an environment error where the process is not root's.
 */
export function userOf(name: string, privileges: Privileges = PRIVILEGES): UserIds | null {
  if (name === "") return null;
  const user = privileges.lookUpUser(name);
  if (user === null || user.uid === 0) {
    const got = user === null ? "which is none here" : "who has every privilege";
    throw usageError(
      "user.unknown",
      `${FLAG}: expected a user of this machine without privileges, got "${name}", ${got}. ` +
        "Make one: useradd -r -s /usr/sbin/nologin rscap",
    );
  }
  const uid = privileges.uid();
  if (uid === user.uid) return null;
  if (uid === 0) return user;
  throw environmentError(
    "user.failed",
    `${FLAG}: only root can become ${name}; this process runs as user number ${uid}. Start it with sudo, or leave the flag out.`,
  );
}

/**
 * At the start of a command that is to become `user`: threads from here on can't gain what the process does not have. Says what
 * is recommended where root goes on as root.
 */
export function prepareDrop(user: UserIds | null, log: WireLog, privileges: Privileges = PRIVILEGES): void {
  if (user !== null) {
    privileges.forbidNewPrivileges();
    privileges.dropBoundingSet();
    return;
  }
  if (privileges.uid() !== 0) return;
  log(
    "info",
    "Running as root. Only opening the capture needs a privilege: name a user to go on as (--user), or give CAP_NET_RAW " +
      "alone as the systemd unit does.",
  );
}

/** True where there is something to give up: a user to become, or capabilities of a user who is not root. */
function hasPrivileges(user: UserIds | null, privileges: Privileges): boolean {
  if (user !== null) return true;
  return privileges.uid() !== 0 && privileges.threadStatuses().some(({ permitted }) => permitted !== 0n);
}

/**
 * In the thread that captures, when the capture is open and before it opens sockets that talk to others: the threads that it will
 * start have no capability but that of binding low ports.
 */
export function dropAfterCapture(user: UserIds | null, privileges: Privileges = PRIVILEGES): void {
  if (user !== null || !hasPrivileges(user, privileges)) return;
  privileges.clearCapabilities([CAP_NET_BIND_SERVICE]);
}

/**
 * In the same thread when everything is open, before the first packet: all threads become `user` for good, and none can gain a
 * privilege or open a raw socket again. Says what was reached.
 */
export function dropPrivileges(
  user: UserIds | null,
  log: WireLog,
  privileges: Privileges = PRIVILEGES,
): void {
  if (!hasPrivileges(user, privileges)) return;
  if (user !== null) privileges.becomeUser(user);
  privileges.clearCapabilities();
  const restricted = privileges.restrictAllThreads();
  const threads = privileges.threadStatuses();
  const wrong =
    user === null ? undefined : threads.find(({ uid, permitted }) => uid !== user.uid || permitted !== 0n);
  if (wrong !== undefined) {
    throw environmentError(
      "user.threads",
      `${FLAG}: one of ${threads.length} threads still runs as user number ${wrong.uid} with capabilities. ` +
        "Start rscap as that user with CAP_NET_RAW alone; the systemd unit shows how.",
    );
  }
  const who = user === null ? "" : `run as ${user.name} (user number ${user.uid}) and `;
  if (restricted) {
    log("info", `Privileges dropped: ${threads.length} threads ${who}can gain none again.`);
  } else {
    log(
      "warning",
      `Privileges dropped: ${threads.length} threads ${who}have none. The kernel refused the filter of system calls (seccomp).`,
    );
  }
}

/** In the main thread after that: capabilities are each thread's own. */
export function dropInMainThread(user: UserIds | null, privileges: Privileges = PRIVILEGES): void {
  if (hasPrivileges(user, privileges)) privileges.clearCapabilities();
}
