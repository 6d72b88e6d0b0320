/**
 * A file in memory for a library that is inside the executable, so that dlopen can read it: nothing in a
 * shared temporary folder, nothing to clean up, and no writable /tmp needed.
 */
import { dlopen } from "bun:ffi";
import { closeSync, readdirSync, readFileSync, readlinkSync, writeSync } from "node:fs";
import { environmentError } from "../src/report/error.ts";
import { addressOf, cString } from "./memory.ts";

const LIBC = {
  memfd_create: { args: ["u64", "u32"], returns: "i32" },
  fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
} as const;

// linux/memfd.h
const MFD_CLOEXEC = 0x1;
const MFD_ALLOW_SEALING = 0x2;
const MFD_NOEXEC_SEAL = 0x8;
const MFD_EXEC = 0x10;
// Linux 6.3 wants to be told whether the file may be executed, older kernels refuse both bits, and
// vm.memfd_noexec=2 refuses MFD_EXEC. Mapping with PROT_EXEC works in each case.
const FLAGS = [MFD_EXEC, MFD_NOEXEC_SEAL, 0] as const;

// linux/fcntl.h
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const SEALS = 0x1 | 0x2 | 0x4 | 0x8; // SEAL, SHRINK, GROW, WRITE

/**
 * Path of a sealed in-memory copy of the file at `embedded`. The descriptor stays open on purpose: the
 * loader tells libraries apart by path, and a closed number would come again for another library. Threads
 * find each other's copy, so that the process has one libzmq and not one a worker.
 */
export function memfdPath(name: string, embedded: string): string {
  const libc = dlopen("libc.so.6", LIBC).symbols;
  const label = `rscap-${name}`;
  const existing = openMemfds(label).find((fd) => (libc.fcntl(fd, F_GET_SEALS, 0) & SEALS) === SEALS);
  if (existing !== undefined) return `/proc/self/fd/${existing}`;

  const octets = readFileSync(embedded);
  const cName = cString(label);
  let fd = -1;
  for (const flag of FLAGS) {
    if (fd < 0) fd = libc.memfd_create(addressOf(cName), MFD_CLOEXEC | MFD_ALLOW_SEALING | flag);
  }
  if (fd < 0) {
    throw environmentError(
      "library.memfd",
      `memfd_create failed for the built-in ${name}. Allow that system call to rscap, or install the system's ${name} and name it.`,
    );
  }
  let written = 0;
  while (written < octets.length) written += writeSync(fd, octets, written);
  if (libc.fcntl(fd, F_ADD_SEALS, SEALS) < 0) {
    closeSync(fd);
    throw environmentError(
      "library.memfd",
      `The in-memory copy of ${name} can't be sealed (fcntl F_ADD_SEALS).`,
    );
  }
  return `/proc/self/fd/${fd}`;
}

/** Descriptors of this process that are memfds named `label`. */
function openMemfds(label: string): number[] {
  const found: number[] = [];
  for (const entry of readdirSync("/proc/self/fd")) {
    try {
      if (readlinkSync(`/proc/self/fd/${entry}`) === `/memfd:${label} (deleted)`) found.push(Number(entry));
    } catch {
      // Closed since the folder was read.
    }
  }
  return found;
}
