/**
 * A folder that holds one executable and libc's own libraries, nothing else: what the executable needs of a
 * machine. The kernel's /proc is mounted in a mount namespace of its own, for the runtime finds itself there.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** libc and its parts: all that glibc itself installs and an executable may need. */
export const LIBC_FAMILY =
  /^(ld-linux-[\w-]+\.so\.\d|libc\.so\.6|libm\.so\.6|libdl\.so\.2|libpthread\.so\.0|librt\.so\.1)$/;

/** Shared libraries that `file` needs, with their places on this machine, as ldd tells. */
export function sharedLibraries(file: string): { name: string; path: string }[] {
  const ldd = spawnSync("ldd", [file], { encoding: "utf8" });
  if (ldd.status !== 0) throw new Error(`ldd ${file}: ${ldd.stderr}`);
  const libraries: { name: string; path: string }[] = [];
  for (const line of ldd.stdout.split("\n")) {
    const path = /(?:=>\s+)?(\/\S+)\s+\(0x/.exec(line)?.[1];
    if (path !== undefined) libraries.push({ name: path.split("/").at(-1) ?? path, path });
  }
  return libraries;
}

/** A bare root folder for one executable, which stands there as `/rscap`. */
export class Chroot {
  readonly folder: string;

  constructor(executable: string) {
    this.folder = mkdtempSync(join(tmpdir(), "rscap-chroot-"));
    for (const { path } of sharedLibraries(executable)) this.add(path, path);
    this.add(executable, "/rscap");
    for (const name of ["proc", "work"]) mkdirSync(join(this.folder, name));
  }

  /** Puts a file of the machine at `inside`; a hard link where that is possible. */
  add(file: string, inside: string): void {
    const source = realpathSync(file);
    const target = join(this.folder, inside);
    mkdirSync(dirname(target), { recursive: true });
    try {
      linkSync(source, target);
    } catch {
      copyFileSync(source, target);
    }
  }

  /** Path on the machine of a file inside. */
  outside(inside: string): string {
    return join(this.folder, inside);
  }

  /** The command that runs the executable inside, in the folder /work, with an empty environment. */
  command(...args: string[]): [string, ...string[]] {
    const script = 'mount -t proc proc "$0/proc" && exec env -i /usr/sbin/chroot "$0" /rscap "$@"';
    return ["unshare", "--mount", "sh", "-c", script, this.folder, ...args];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
