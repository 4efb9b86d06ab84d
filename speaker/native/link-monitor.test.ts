import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type NamespacePair, whyNoNamespaces, withNamespacePair } from "./fake/network-namespaces.ts";
import { createGroupMembership } from "./group-membership.ts";
import { createLinkMonitor } from "./link-monitor.ts";
import type { Link } from "./ports.ts";
import type { AdoptedSocketEvents } from "./socket-adoption.ts";

const options = { skip: whyNoNamespaces ?? false };

/** A monitor inside namespace a, and what it reported. */
async function watching(
  pair: NamespacePair,
  body: (latest: () => readonly Link[], resync: () => void, reports: readonly (readonly Link[])[]) => Promise<void>,
): Promise<void> {
  const reports: (readonly Link[])[] = [];
  let timer: () => void = () => undefined;
  const monitor = createLinkMonitor({
    after: (_ms, run) => {
      timer = run;
      return () => undefined;
    },
    onTrouble: (reason) => ok(false, reason),
  });
  pair.inside("a", () => monitor.start((links) => reports.push(links)));
  try {
    await until(() => reports.length > 0);
    await body(
      () => reports.at(-1) ?? [],
      () => timer(),
      reports,
    );
  } finally {
    monitor.close();
  }
}

test("the first report is the whole table, and changes follow at once", options, async () => {
  await withNamespacePair(async (pair) => {
    await pair.ip("a", "link", "set", "va", "address", "02:00:00:00:00:aa", "addrgenmode", "none");
    await pair.ip("a", "addr", "add", "192.0.2.1/24", "dev", "va");
    await watching(pair, async (latest) => {
      const va = (): Link | undefined => latest().find(({ name }) => name === "va");
      deepEqual(
        latest().map(({ name }) => name),
        ["lo", "va"],
      );
      equal(Buffer.from(va()?.mac ?? []).toString("hex"), "0200000000aa");
      const ipv4 = va()?.addresses.filter(({ family }) => family === "IPv4");
      deepEqual(ipv4, [{ address: "192.0.2.1", prefixLength: 24, family: "IPv4", tentative: false }]);
      await pair.ip("a", "link", "set", "va", "down");
      await until(() => va()?.up === false);
      await pair.ip("a", "link", "set", "va", "up");
      await until(() => va()?.up === true && va()?.carrier === true);
      await pair.ip("a", "addr", "add", "2001:db8::1/64", "dev", "va", "nodad");
      await until(() => va()?.addresses.some(({ address }) => address === "2001:db8::1") === true);
      await pair.ip("b", "link", "set", "vb", "down");
      await until(() => va()?.carrier === false);
      await pair.ip("a", "link", "add", "br0", "type", "bridge");
      await pair.ip("a", "link", "set", "va", "master", "br0");
      await until(() => va()?.master !== undefined && va()?.master === latest().find(({ name }) => name === "br0")?.index);
      await pair.ip("a", "link", "set", "va", "nomaster");
      await until(() => va() !== undefined && va()?.master === undefined);
      await pair.ip("a", "link", "del", "va");
      await until(() => va() === undefined);
    });
  });
});

test("a link that goes down and comes back before anybody looks is reported down and up", options, async () => {
  await withNamespacePair(async (pair) => {
    await watching(pair, async (latest, _resync, reports) => {
      const before = reports.length;
      execFileSync("ip", ["-n", pair.nameOf("a"), "-batch", "-"], { input: "link set va down\nlink set va up\n" });
      const upOf = (links: readonly Link[]): boolean | undefined => links.find(({ name }) => name === "va")?.up;
      const since = (): readonly (boolean | undefined)[] => reports.slice(before).map(upOf);
      await until(() => since().includes(false) && upOf(latest()) === true);
    });
  });
});

test("a resynchronisation that finds nothing new reports nothing", options, async () => {
  await withNamespacePair(async (pair) => {
    await watching(pair, async (latest, resync) => {
      // A link that is up gets its link-local address a moment later: only what is down stands still.
      await pair.ip("a", "link", "set", "va", "down");
      await until(() => latest().some(({ name, up, addresses }) => name === "va" && !up && addresses.length === 0));
      const before = latest();
      resync();
      await wait(50);
      equal(latest(), before);
      await pair.ip("a", "link", "del", "va");
      await until(() => latest() !== before);
    });
  });
});

test("groups are joined on the interface, more than one socket holds, and left again", options, async () => {
  await withNamespacePair(async (pair) => {
    const groups = createGroupMembership();
    const wanted = Array.from({ length: 5_000 }, (_, i) => `ff02::1:ff01:${(i + 1).toString(16)}`);
    const joined = async (): Promise<number> =>
      (await pair.ip("a", "-6", "maddr", "show", "dev", "va")).match(/ff02::1:ff01:/g)?.length ?? 0;
    try {
      pair.inside("a", () => {
        for (const group of wanted) groups.join(group, "va");
        groups.join("ff02::1:ff01:1", "va");
      });
      equal(await joined(), 5_000);
      pair.inside("a", () => groups.leave("ff02::1:ff01:1", "va"));
      equal(await joined(), 4_999);
    } finally {
      groups.close();
    }
    equal(await joined(), 0);
  });
});

test(
  "events that the kernel dropped, because nobody read them in time, are made up for by reading the tables anew",
  options,
  async () => {
    await withNamespacePair(async (pair) => {
      const timers: { readonly ms: number; readonly run: () => void }[] = [];
      const troubles: string[] = [];
      let latest: readonly Link[] = [];
      const missed: boolean[] = [];
      const monitor = createLinkMonitor({
        after: (ms, run) => {
          timers.push({ ms, run });
          return () => undefined;
        },
        onTrouble: (reason) => troubles.push(reason),
      });
      pair.inside("a", () =>
        monitor.start((links, some) => {
          latest = links;
          missed.push(some);
        }),
      );
      try {
        await until(() => latest.length > 0);
        const changes = Array.from({ length: 4_000 }, (_, i) => `link set va mtu ${1400 + (i % 2)}`);
        // While this runs nothing is read: the socket's buffer overflows.
        execFileSync("ip", ["-n", pair.nameOf("a"), "-batch", "-"], {
          input: [...changes, "link add late0 type bridge"].join("\n"),
        });
        await until(() => troubles.length > 0);
        match(troubles[0] ?? "", /ENOBUFS/);
        const last = timers.at(-1);
        equal(last?.ms, 1_000);
        equal(missed.includes(true), false);
        pair.inside("a", () => last?.run());
        await until(() => latest.some(({ name }) => name === "late0"));
        equal(troubles.length, 1);
        equal(missed.filter((some) => some).length, 1, "the next table says that events were missed, and no other");
      } finally {
        monitor.close();
      }
    });
  },
);

test("the first table after lost events is reported though it is the same", () => {
  const timers: (() => void)[] = [];
  const missed: boolean[] = [];
  let events: AdoptedSocketEvents | undefined;
  const monitor = createLinkMonitor({
    after: (_ms, run) => {
      timers.push(run);
      return () => undefined;
    },
    onTrouble: () => undefined,
    openSocket: (given) => {
      events = given;
      return { send: () => undefined, close: () => undefined };
    },
  });
  const endDump = (sequence: number): void => events?.onOctets(dumpEnd(sequence));
  monitor.start((_links, some) => missed.push(some));
  endDump(1); // of the links
  endDump(2); // of the addresses
  events?.onFailed("ENOBUFS");
  timers.at(-1)?.();
  endDump(3);
  endDump(4);
  deepEqual(missed, [false, true]);
});

/** NLMSG_DONE: 16 octets of header and a status of 0. */
function dumpEnd(sequence: number): Uint8Array {
  const message = new DataView(new ArrayBuffer(20));
  message.setUint32(0, 20, true);
  message.setUint16(4, 3, true);
  message.setUint32(8, sequence, true);
  return new Uint8Array(message.buffer);
}

test("a request that the kernel refuses leads to a new socket, a second later", () => {
  const running = new Map<() => void, number>();
  let refusal: string | undefined;
  let opened = 0;
  const monitor = createLinkMonitor({
    after: (ms, run) => {
      running.set(run, ms);
      return () => running.delete(run);
    },
    onTrouble: () => undefined,
    openSocket: () => {
      opened += 1;
      return { send: () => refusal, close: () => undefined };
    },
  });
  const fire = (): void => {
    for (const run of [...running.keys()]) {
      running.delete(run);
      run();
    }
  };
  monitor.start(() => undefined);
  deepEqual([...running.values()], [30_000]);
  refusal = "ENOBUFS";
  fire();
  deepEqual([opened, ...running.values()], [1, 1_000]);
  fire();
  deepEqual([opened, ...running.values()], [2, 1_000]);
  refusal = undefined;
  fire();
  deepEqual([opened, ...running.values()], [3, 30_000]);
});

test("sockets that hold no group any more are closed", options, async () => {
  await withNamespacePair(async (pair) => {
    const groups = createGroupMembership();
    const groupOf = (i: number): string => `ff02::1:ff02:${(i + 1).toString(16)}`;
    const open = (): number => readdirSync("/proc/self/fd").length;
    pair.inside("a", () => {
      const before = open();
      for (let i = 0; i < 5_000; i += 1) groups.join(groupOf(i), "va");
      const filled = open();
      ok(filled > before + 1, "the kernel's limit was reached");
      // Joining and leaving at the same rate must not cost a socket for each few hundred.
      for (let i = 0; i < 2_000; i += 1) {
        groups.leave(groupOf(i), "va");
        groups.join(groupOf(i + 5_000), "va");
      }
      equal(open(), filled);
      for (let i = 2_000; i < 7_000; i += 1) groups.leave(groupOf(i), "va");
      equal(open(), before);
    });
    groups.close();
  });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error("did not happen within 5 s");
    await wait(2);
  }
}
