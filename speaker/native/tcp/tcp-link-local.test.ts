import { equal } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { test } from "node:test";
import { formatAddress, parseAddress } from "../../../crds/net/address.ts";
import { type NamespacePair, whyNoNamespaces, withNamespacePair } from "../fake/network-namespaces.ts";
import { joinNetworkNamespace } from "../libc.ts";
import type { TcpConnection } from "../ports.ts";
import { createTcpConnector } from "./tcp-connector.ts";

const port = 1790;
const listener = `
  import { createServer } from "node:net";
  const server = createServer((socket) => socket.end(socket.remoteAddress));
  server.listen(${port}, "::", () => console.log("listening"));
`;

/** Runs `body` with this thread in namespace a while something listens in b. */
async function withListener(pair: NamespacePair, body: () => Promise<void>): Promise<void> {
  const process = spawn("ip", ["netns", "exec", pair.nameOf("b"), "node", "--input-type=module", "-e", listener]);
  const home = openSync("/proc/thread-self/ns/net", "r");
  const target = openSync(`/run/netns/${pair.nameOf("a")}`, "r");
  try {
    await once(process.stdout, "data");
    joinNetworkNamespace(target);
    await body();
  } finally {
    joinNetworkNamespace(home);
    closeSync(home);
    closeSync(target);
    process.kill();
  }
}

async function settledLinkLocal({ ip }: NamespacePair, side: "a" | "b"): Promise<string> {
  for (;;) {
    const found = /inet6 (fe80:[^/]+)\/64 scope link\s*(tentative)?/.exec(await ip(side, "-6", "address", "show", `v${side}`));
    if (found?.[1] !== undefined && found[2] === undefined) return found[1];
  }
}

test("a link-local neighbour is reached through the device that it is behind", { skip: whyNoNamespaces ?? false }, async () => {
  await withNamespacePair(async (pair) => {
    const [own, theirs] = [await settledLinkLocal(pair, "a"), await settledLinkLocal(pair, "b")];
    await withListener(pair, async () => {
      const address = parseAddress(theirs);
      if (address === undefined) throw new RangeError(theirs);
      const connector = createTcpConnector((ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      });
      const connection = await new Promise<TcpConnection>((resolve, reject) => {
        const target = { remote: { address, port }, device: "va", ttl: 1, timeoutMs: 3_000 };
        connector.connect(target, { onConnected: resolve, onFailed: (reason) => reject(new Error(reason)) });
      });
      equal(formatAddress(connection.local.address), own);
      connection.abort();
    });
  });
});
