/**
 * A seccomp(2) filter over the system calls that a running probe has no business with. It is installed for all threads at
 * once (TSYNC), which also gives each of them no_new_privs: prctl(2) alone reaches only the thread that calls it.
 */

/** What differs between the two machines that rscap runs on. */
interface Machine {
  /** AUDIT_ARCH_* of linux/audit.h. */
  readonly arch: number;
  /** Number of seccomp(2) itself, and of socket(2), whose arguments are looked at. */
  readonly seccomp: number;
  readonly socket: number;
  /** System calls that are refused. */
  readonly refused: readonly number[];
}

/** asm/unistd_64.h and asm-generic/unistd.h, each list in the order of the names below. */
// ptrace, process_vm_readv, process_vm_writev, mount, umount2, pivot_root, chroot, unshare, setns, init_module,
// finit_module, delete_module, kexec_load, kexec_file_load, perf_event_open, bpf, open_by_handle_at, add_key,
// request_key, keyctl, swapon, swapoff, reboot, userfaultfd
const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
  x64: {
    arch: 0xc000003e,
    seccomp: 317,
    socket: 41,
    refused: [
      101, 310, 311, 165, 166, 155, 161, 272, 308, 175, 313, 176, 246, 320, 298, 321, 304, 248, 249, 250, 167,
      168, 169, 323,
    ],
  },
  arm64: {
    arch: 0xc00000b7,
    seccomp: 277,
    socket: 198,
    refused: [
      117, 270, 271, 40, 39, 41, 51, 97, 268, 105, 273, 106, 104, 294, 241, 280, 265, 217, 218, 219, 224, 225,
      142, 282,
    ],
  },
};

// linux/bpf_common.h: class, size, mode, operation.
const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

// linux/seccomp.h
const RET_ALLOW = 0x7fff0000;
const RET_ERRNO = 0x00050000;
const EPERM = 1;

// struct seccomp_data: int nr; u32 arch; u64 instruction_pointer; u64 args[6]. Little-endian.
const AT_NR = 0;
const AT_ARCH = 4;
const AT_DOMAIN = 16;
const AT_TYPE = 24;

/** System calls of the x32 interface have this bit; rscap makes none. */
const X32_BIT = 0x40000000;

const AF_INET = 2;
const AF_INET6 = 10;
const AF_PACKET = 17;
const SOCK_RAW = 3;
/** The type without SOCK_CLOEXEC and SOCK_NONBLOCK. */
const SOCK_TYPE_MASK = 0xf;

const INSTRUCTION_BYTES = 8;

/** One instruction; `yes` and `no` are labels, or null for the next instruction. */
interface Instruction {
  readonly code: number;
  readonly k: number;
  readonly yes?: "allow" | "refuse" | "socket" | "type" | undefined;
  readonly no?: "allow" | "refuse" | undefined;
}

/** What the kernel needs for one machine. */
export interface SeccompFilter {
  /** Number of the system call that installs it. */
  readonly systemCall: number;
  /** `struct sock_filter` records. */
  readonly instructions: Uint8Array;
}

/** The filter for this machine; null for one whose numbers are not known. */
export function seccompFilter(machine: NodeJS.Architecture = process.arch): SeccompFilter | null {
  const numbers = MACHINES[machine];
  if (numbers === undefined) return null;
  const body: Instruction[] = [
    { code: LOAD_WORD, k: AT_ARCH },
    { code: JUMP_EQUAL, k: numbers.arch, no: "refuse" },
    { code: LOAD_WORD, k: AT_NR },
    { code: JUMP_AT_LEAST, k: X32_BIT, yes: "refuse" },
    { code: JUMP_EQUAL, k: numbers.socket, yes: "socket" },
    ...numbers.refused.map((k) => ({ code: JUMP_EQUAL, k, yes: "refuse" as const })),
    { code: RETURN, k: RET_ALLOW },
  ];
  const socket: Instruction[] = [
    { code: LOAD_WORD, k: AT_DOMAIN },
    { code: JUMP_EQUAL, k: AF_PACKET, yes: "refuse" },
    { code: JUMP_EQUAL, k: AF_INET, yes: "type" },
    { code: JUMP_EQUAL, k: AF_INET6, yes: "type", no: "allow" },
  ];
  const type: Instruction[] = [
    { code: LOAD_WORD, k: AT_TYPE },
    { code: AND, k: SOCK_TYPE_MASK },
    { code: JUMP_EQUAL, k: SOCK_RAW, yes: "refuse", no: "allow" },
  ];
  const end: Instruction[] = [
    { code: RETURN, k: RET_ALLOW },
    { code: RETURN, k: RET_ERRNO | EPERM },
  ];
  const program = [...body, ...socket, ...type, ...end];
  const labels = {
    socket: body.length,
    type: body.length + socket.length,
    allow: program.length - 2,
    refuse: program.length - 1,
  };
  const instructions = new Uint8Array(program.length * INSTRUCTION_BYTES);
  const view = new DataView(instructions.buffer);
  for (const [i, { code, k, yes, no }] of program.entries()) {
    const off = i * INSTRUCTION_BYTES;
    // Jumps count from the instruction after this one.
    view.setUint16(off, code, true);
    view.setUint8(off + 2, yes === undefined ? 0 : labels[yes] - i - 1);
    view.setUint8(off + 3, no === undefined ? 0 : labels[no] - i - 1);
    view.setUint32(off + 4, k, true);
  }
  return { systemCall: numbers.seccomp, instructions };
}
