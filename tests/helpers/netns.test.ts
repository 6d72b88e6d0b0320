import { expect } from "bun:test";
import { Network, RX_ADDRESS, RX_DEVICE, TX_DEVICE } from "./netns.ts";
import { runOk } from "./run.ts";
import { needsNetns, testWith } from "./skip.ts";

testWith(needsNetns, "a network joins two namespaces and leaves nothing behind", async () => {
  const names: string[] = [];
  {
    await using network = await Network.open();
    names.push(network.tx, network.rx);
    expect(await network.run(network.tx, ["ip", "-br", "link", "show", TX_DEVICE])).toContain("UP");
    expect(await network.run(network.rx, ["ip", "route", "get", "239.1.1.1"])).toContain(RX_DEVICE);
    expect(await network.run(network.tx, ["ip", "route", "get", RX_ADDRESS])).toContain(TX_DEVICE);
    const sleeper = network.start(network.rx, ["sleep", "60"]);
    expect(sleeper.process.exitCode).toBeNull();
  }
  const left = await runOk(["ip", "netns", "list"]);
  for (const name of names) expect(left).not.toContain(name);
});
