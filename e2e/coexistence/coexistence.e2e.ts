import { deepEqual, equal, notEqual } from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { urlOf } from "../cluster.ts";
import { bareLab, installManifest, waitUntilInstalled } from "../installed-cluster.ts";
import { until } from "../lab/until.ts";
import { echoDeployment, l2Advertisement, pool, service } from "../manifests.ts";
import { metallbObjects } from "../metallb/metallb.ts";
import { addressesOf, apply, givenAddresses, ready } from "../observe.ts";
import { manifestObjects, probedOften } from "../workload.ts";
import { AnswerWatch } from "./answer-watch.ts";
import { judge } from "./judgement.ts";
import { SpeakerRoster } from "./speaker-roster.ts";

const everyMs = 10;
/** Some for any node, one for the node with the pod alone. */
const services = ["web0", "web1", "web2", "web3", "web4", "local"];

describe("MetalLB is replaced by Herald node by node, and Herald by MetalLB", () => {
  const lab = bareLab();
  let roster: SpeakerRoster | undefined;
  const macs = new Map<string, string>();
  let addresses: readonly string[] = [];

  before(async () => {
    await apply(lab(), ...probedOften(await metallbObjects()));
    await waitUntilInstalled(lab());
    await until("MetalLB's webhooks take a pool", 60_000, async () => {
      await apply(lab(), pool("segment", lab().range(200, 219)), l2Advertisement("segment", ["segment"]));
      return true;
    });
    await apply(lab(), echoDeployment("web", 3), echoDeployment("local", 1), ...services.map(serviceOf));
    for (const name of ["web", "local"]) await ready(lab(), `deployment/${name}`);
    const given = await Promise.all(services.map((name) => givenAddresses(lab(), name, 1)));
    addresses = given.flat();
    for (const node of lab().nodes) {
      const { stdout } = await lab().exec(node, ["ip", "-j", "link", "show", "eth0"]);
      macs.set(JSON.parse(stdout)[0].address, node);
    }
    roster = new SpeakerRoster(lab());
  });

  after(() => roster?.close());

  function serviceOf(name: string): object {
    const app = name === "local" ? name : "web";
    const spec = name === "local" ? { externalTrafficPolicy: "Local" } : {};
    return service(name, { app, families: "SingleStack", spec });
  }

  /** Asks from before `replace` until every address has answered for a while after it. */
  async function watched(context: TestContext, replace: () => Promise<void>): Promise<void> {
    const watch = new AnswerWatch(lab(), addresses, everyMs);
    watch.start();
    try {
      const { timeline } = watch;
      const answeredByOne = (at: number): boolean => addresses.every((address) => timeline.since(address, at).size === 1);
      await until("every address answers before", 20_000, async () => answeredByOne(Date.now() - 2_000));
      await replace();
      await sleep(3_000);
      await until("one node answers for every address afterwards", 20_000, async () => answeredByOne(Date.now() - 2_500));
    } finally {
      await watch.stop();
    }
    const { lines, doubles } = judge(watch.timeline, everyMs, (mac, at) => {
      const node = macs.get(mac) ?? mac;
      return { node, program: roster?.programOn(node, at) };
    });
    for (const line of lines) context.diagnostic(line);
    deepEqual(doubles, [], "two answered for one address");
    for (const [index, name] of services.entries()) {
      const [address = ""] = await addressesOf(lab(), name);
      equal(address, addresses[index]);
      notEqual(await lab().curl(urlOf(address)), undefined, `${name} does not answer on ${address}`);
    }
  }

  test("never do both answer for an address while Herald replaces MetalLB; afterwards everything answers", async (context) => {
    await watched(context, async () => {
      await apply(lab(), ...manifestObjects(installManifest));
      await waitUntilInstalled(lab());
    });
    await apply(lab(), service("by-herald", { app: "web" }));
    await givenAddresses(lab(), "by-herald");
  });

  test("never do both answer for an address while MetalLB replaces Herald; afterwards everything answers", async (context) => {
    await watched(context, async () => {
      await apply(lab(), ...probedOften(await metallbObjects()));
      await waitUntilInstalled(lab());
    });
    await apply(lab(), service("by-metallb", { app: "web" }));
    await givenAddresses(lab(), "by-metallb");
  });
});
