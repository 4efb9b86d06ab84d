import { execFile } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { promisify } from "node:util";
import { joinNetworkNamespace } from "../libc.ts";

const run = promisify(execFile);

/** Why tests that need network namespaces cannot run here; undefined when they can. */
export const whyNoNamespaces: string | undefined =
  process.getuid?.() === 0 ? undefined : "needs root: it makes network namespaces (run make test as root)";

/** Two namespaces joined by a veth pair: `va` in a, `vb` in b. */
export type NamespacePair = {
  /** Runs `ip` inside one of them. */
  readonly ip: (side: "a" | "b", ...args: string[]) => Promise<string>;
  /** Runs `body` with this thread inside one of them; `body` must not wait. */
  readonly inside: <T>(side: "a" | "b", body: () => T) => T;
  /** Name of the namespace, for `ip netns exec`. */
  readonly nameOf: (side: "a" | "b") => string;
};

/**
 * Makes the pair, runs `body` and removes the pair whatever happens.
 * @param silent true: the kernel makes up no IPv6 address, and so sends nothing by itself.
 */
export async function withNamespacePair(body: (pair: NamespacePair) => Promise<void>, silent = false): Promise<void> {
  const nameOf = (side: "a" | "b"): string => `e-${process.pid}-${side}`;
  const ip = async (side: "a" | "b", ...args: string[]): Promise<string> =>
    (await run("ip", ["-n", nameOf(side), ...args])).stdout;
  try {
    for (const side of ["a", "b"] as const) await run("ip", ["netns", "add", nameOf(side)]);
    await ip("a", "link", "add", "va", "type", "veth", "peer", "name", "vb", "netns", nameOf("b"));
    for (const side of ["a", "b"] as const) {
      if (silent) await ip(side, "link", "set", `v${side}`, "addrgenmode", "none");
      await ip(side, "link", "set", `v${side}`, "up");
    }
    await body({ ip, nameOf, inside: (side, act) => inside(nameOf(side), act) });
  } finally {
    for (const side of ["a", "b"] as const) await run("ip", ["netns", "del", nameOf(side)]).catch(() => undefined);
  }
}

function inside<T>(name: string, body: () => T): T {
  const home = openSync("/proc/thread-self/ns/net", "r");
  const target = openSync(`/run/netns/${name}`, "r");
  try {
    joinNetworkNamespace(target);
    return body();
  } finally {
    joinNetworkNamespace(home);
    closeSync(home);
    closeSync(target);
  }
}
