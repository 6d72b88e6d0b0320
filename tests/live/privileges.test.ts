/** What a probe gives up once its capture is open, as the kernel tells it of every thread. */
import { describe, expect } from "bun:test";
import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { RX_DEVICE } from "../helpers/netns.ts";
import { octetDifference } from "../helpers/octets.ts";
import { PROJECT, reportOf, rscapCommand, run, runOk, until } from "../helpers/run.ts";
import { needsNetns, needsProgram, needsRoot, type Requirement, testWith } from "../helpers/skip.ts";
import { BACKENDS, GROUP, onlyStream, PORT, Rig } from "./rig.ts";

/** The user `nobody` is there on every system. */
const NOBODY = 65534;

/** The lines of each thread's status, by name. */
function threads(pid: number): Map<string, string>[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const lines = readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8").split("\n");
    return new Map(
      lines.map((line) => {
        const [name = "", value = ""] = line.split(":\t", 2);
        return [name, value.trim()] as const;
      }),
    );
  });
}

const NONE = "0000000000000000";

/** `nobody` may run rscap at all: the folder may be root's own. */
const needsNobody: Requirement = {
  get met() {
    const [file = ""] = rscapCommand();
    const command = ["setpriv", "--reuid", String(NOBODY), "--clear-groups", file, "--version"];
    return Bun.which("setpriv") !== null && Bun.spawnSync(command).exitCode === 0;
  },
  why: "the user nobody may not run rscap from this folder, or there is no setpriv (apt-get install util-linux)",
};

describe.each(BACKENDS)("--user with %s", (backend) => {
  testWith(
    [needsNetns],
    `${backend}: every thread becomes the user, and captures, publishes and writes as before`,
    async () => {
      await using rig = await Rig.open();
      chmodSync(rig.folder, 0o777);
      const sent = rig.tsFile("sent.ts", 7 * 100);
      const probe = await rig.probe([
        ...["--capture-backend", backend, "--user", "nobody"],
        ...["--report", `html=${rig.path("report.html")}`],
      ]);
      await probe.says(/Privileges dropped: \d+ threads run as nobody/);
      for (const thread of threads(probe.process.pid)) {
        const ids = `${NOBODY}\t${NOBODY}\t${NOBODY}\t${NOBODY}`;
        expect([thread.get("Uid"), thread.get("Gid"), thread.get("Groups")]).toEqual([ids, ids, `${NOBODY}`]);
        for (const set of ["CapInh", "CapPrm", "CapEff", "CapAmb"])
          expect([set, thread.get(set)]).toEqual([set, NONE]);
        expect([thread.get("NoNewPrivs"), thread.get("Seccomp")]).toEqual(["1", "2"]);
      }
      // The threads that Bun had before our first line keep a bounding set, which no_new_privs makes void.
      expect(threads(probe.process.pid).some((thread) => thread.get("CapBnd") === NONE)).toBe(true);
      const client = await rig.client([]);
      await rig.send({ file: rig.path("sent.ts"), perSecond: 500 });
      await until(() => rig.size("capture.ts") >= sent.length, "all is written").catch(() => {});
      await client.stop();
      const ended = await probe.stop();
      expect(ended.exitCode).toBe(0);
      expect(octetDifference(rig.read("capture.ts"), sent)).toBeNull();
      expect(onlyStream(reportOf(ended)).bytes).toBe(sent.length);
      expect(statSync(rig.path("report.html")).uid).toBe(NOBODY);
    },
    60_000,
  );
});

testWith(
  [needsNetns],
  "a report that the user may not write ends the run at its start, and says who could not",
  async () => {
    await using rig = await Rig.open();
    const probe = rig.rscap([
      ...["probe", "--source", `udp://${GROUP}:${PORT}`, "--source-device", RX_DEVICE],
      ...["--user", "nobody", "--report", `html=${rig.path("report.html")}`],
    ]);
    const { exitCode, stderr } = await probe.ended();
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`(it is written by user number ${NOBODY})`);
    expect(rig.size("report.html")).toBe(0);
  },
);

testWith(
  [needsNetns, needsNobody, needsProgram("setpriv", "util-linux")],
  "a user with CAP_NET_RAW alone: the capturing and the main thread lose it, and no thread can open a raw socket again",
  async () => {
    await using rig = await Rig.open();
    chmodSync(rig.folder, 0o777);
    const ambient = ["--inh-caps", "+net_raw", "--ambient-caps", "+net_raw", "--clear-groups"];
    const probe = rig.network.start(rig.network.rx, [
      ...["setpriv", "--reuid", String(NOBODY), "--regid", String(NOBODY), ...ambient],
      ...rscapCommand("probe", "--source", `udp://${GROUP}:${PORT}`, "--source-device", RX_DEVICE),
    ]);
    await probe.says(/Privileges dropped/);
    const seen = threads(probe.process.pid);
    const main = seen.find((thread) => thread.get("Pid") === String(probe.process.pid));
    await until(
      () => threads(probe.process.pid).filter((thread) => thread.get("CapEff") === NONE).length > 1,
      "the main thread has no capability either",
    );
    expect(main?.get("Uid")).toStartWith(String(NOBODY));
    for (const thread of seen) expect([thread.get("NoNewPrivs"), thread.get("Seccomp")]).toEqual(["1", "2"]);
    // libzmq's threads, which read what strangers send, were started without.
    const zmq = seen.filter((thread) => thread.get("Name")?.startsWith("ZMQbg"));
    expect(zmq.length).toBeGreaterThan(0);
    for (const thread of zmq) expect([thread.get("CapEff"), thread.get("CapPrm")]).toEqual([NONE, NONE]);
    expect((await probe.stop()).exitCode).toBe(0);
  },
);

testWith(
  [needsNetns],
  "a client of root writes as --user, and an unknown user is a wrong setting",
  async () => {
    await using rig = await Rig.open();
    chmodSync(rig.folder, 0o777);
    const client = rig.rscap(["client", "--user", "nobody", "--duration", "1", "-o", rig.path("out.ts")]);
    await client.says(/Privileges dropped: \d+ threads run as nobody/);
    for (const thread of threads(client.process.pid)) expect(thread.get("Uid")).toStartWith(String(NOBODY));
    expect((await client.ended()).exitCode).toBe(0);
    const wrong = await run(rscapCommand("client", "--user", "no-such-user"));
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('got "no-such-user"')]);
  },
);

/** Opens sockets before and after the filter, and says which errno each try had. */
const SOCKETS = `
import { AF_INET, AF_NETLINK, AF_PACKET, SOCK_DGRAM, SOCK_RAW } from "${PROJECT}ffi/libc/constants.ts";
import { errno, libc } from "${PROJECT}ffi/libc/libc.ts";
import { restrictAllThreads } from "${PROJECT}ffi/libc/privileges.ts";
const kinds = [[AF_PACKET, SOCK_RAW], [AF_PACKET, SOCK_DGRAM], [AF_INET, SOCK_RAW], [AF_INET, SOCK_DGRAM], [AF_NETLINK, SOCK_RAW]];
const tried = () => kinds.map(([domain, type]) => (libc().socket(domain, type, domain === AF_INET && type === SOCK_RAW ? 1 : 0) < 0 ? errno() : 0));
console.log(JSON.stringify([tried(), restrictAllThreads(), tried()]));
`;

testWith(
  [needsRoot],
  "the filter takes packet and raw sockets even from root, and leaves the others",
  async () => {
    const said = await runOk([process.execPath, "-e", SOCKETS]);
    expect(JSON.parse(said)).toEqual([[0, 0, 0, 0, 0], true, [1, 1, 1, 0, 0]]);
  },
);
