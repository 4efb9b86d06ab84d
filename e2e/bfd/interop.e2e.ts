import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type BfdHost, every, neighbour } from "../../speaker/runtime/fake/bfd-host.ts";
import { BfdGround } from "./bfd-ground.ts";
import { bird, frr, frrEchoes, type Router } from "./routers.ts";

const peers = { IPv4: { own: "192.0.2.1", router: "192.0.2.2" }, IPv6: { own: "2001:db8::1", router: "2001:db8::2" } } as const;
/** A machine that is busy with other tests is late by that. */
const patienceMs = 250;

async function bothUp(ground: BfdGround, ours: BfdHost, router: Router, ...addresses: readonly string[]): Promise<void> {
  for (const address of addresses) await ours.notice((notice) => notice.state === "Up" && notice.peers.includes(address), 10);
  for (const { own, router: address } of Object.values(peers)) {
    if (!addresses.includes(address)) continue;
    for (let i = 0; i < 300 && (await router.state(ground, own)) !== "up"; i += 1) await wait(20);
    equal(await router.state(ground, own), "up");
  }
}

for (const router of [frr, bird]) {
  const skip = router.missing ?? false;

  for (const intervalMs of [300, 100, 50]) {
    test(`${router.name} at ${intervalMs} ms: both families come up, stand, and fall within the detection time`, {
      skip,
    }, async (t) => {
      await BfdGround.with(async (ground, ours) => {
        const all = Object.values(peers);
        await router.start(
          ground,
          all.map(({ own }) => ({ address: own, intervalMs })),
        );
        ours.want(...all.map(({ router: address }) => neighbour(address, every(intervalMs))));
        await bothUp(ground, ours, router, ...all.map(({ router: address }) => address));
        await wait(3_000);
        equal(ours.notices.filter(({ lost }) => lost).length, 0);
        const cutAt = await ground.cut();
        for (const { router: address } of all) {
          const down = await ours.notice(({ lost, peers: names }) => lost && names.includes(address), 5);
          t.diagnostic(`${address}: ${Math.round(down.at - cutAt)} ms after the cut, ${down.cause}`);
          ok(down.at - cutAt <= 3 * intervalMs + patienceMs, `${down.at - cutAt} ms`);
        }
      });
    });
  }

  test(`${router.name}: other values for a session that is up do not drop it, and the router takes them`, { skip }, async () => {
    await BfdGround.with(async (ground, ours) => {
      const { own, router: address } = peers.IPv4;
      await router.start(ground, [{ address: own, intervalMs: 100 }]);
      ours.want(neighbour(address, every(100)));
      await bothUp(ground, ours, router, address);
      for (const ms of [1_000, 60, 300]) {
        ours.want(neighbour(address, every(ms)));
        await wait(1_500);
      }
      equal(ours.notices.filter(({ lost }) => lost).length, 0);
      equal(await router.state(ground, own), "up");
    });
  });

  test(`${router.name}: a session that is not wanted any more is no failure`, { skip }, async () => {
    await BfdGround.with(async (ground, ours) => {
      const { own, router: address } = peers.IPv4;
      await router.start(ground, [{ address: own, intervalMs: 300 }]);
      ours.want(neighbour(address, every(300)));
      await bothUp(ground, ours, router, address);
      await ours.leave();
      await wait(100);
      equal(await router.state(ground, own), "down");
    });
  });
}

test("FRR at 150 ms: echo packets go both ways and nothing falls", { skip: frr.missing ?? false }, async (t) => {
  await BfdGround.with(async (ground, ours) => {
    const { own, router: address } = peers.IPv4;
    await frr.start(ground, [{ address: own, intervalMs: 150, echo: true }]);
    ours.want(neighbour(address, every(150, { echoMode: true, minimumTtl: 254 })));
    await bothUp(ground, ours, frr, address);
    await wait(7_000);
    const [session] = ours.sessions;
    t.diagnostic(JSON.stringify(session?.counts));
    ok((session?.counts.echoIn ?? 0) > 20);
    equal(ours.notices.filter(({ lost }) => lost).length, 0);
  });
});

test("FRR's echo packets on IPv6 come back from us, one hop poorer", { skip: frr.missing ?? false }, async () => {
  await BfdGround.with(async (ground, ours) => {
    const { own, router: address } = peers.IPv6;
    await frr.start(ground, [{ address: own, intervalMs: 300, echo: true }]);
    ours.want(neighbour(address, every(300)));
    await bothUp(ground, ours, frr, address);
    await wait(4_000);
    const { sent, returned } = await frrEchoes(ground, own);
    ok(sent > 20 && returned >= sent - 2, `${returned} of ${sent}`);
    equal(ours.notices.filter(({ lost }) => lost).length, 0);
  });
});
