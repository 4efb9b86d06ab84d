import { setTimeout as sleep } from "node:timers/promises";
import type { CommandResult } from "./lab/command.ts";

/** Runs a command on the client, a machine of the segment with bash, iproute2 and arping. */
export type OnClient = (command: readonly string[]) => Promise<CommandResult>;

type NeighbourEntry = { readonly lladdr?: string; readonly state?: readonly string[] };

/**
 * Asks the segment who has an address: arping for IPv4; for IPv6 the client's kernel, made to solicit anew.
 * @returns a MAC address in lower case; undefined when nobody answered within a second (IPv4) or three (IPv6).
 */
export async function neighbourOf(client: OnClient, address: string): Promise<string | undefined> {
  if (!address.includes(":")) {
    const { stdout } = await client(["arping", "-c", "1", "-w", "1", "-I", "eth0", address]);
    return /([0-9a-f]{2}:){5}[0-9a-f]{2}/i.exec(stdout)?.[0].toLowerCase();
  }
  await client(["ip", "neigh", "del", address, "dev", "eth0"]);
  await client(["bash", "-c", `echo > /dev/udp/${address}/9`]);
  for (let round = 0; round < 40; round++) {
    const { stdout } = await client(["ip", "-j", "neigh", "show", "to", address, "dev", "eth0"]);
    const [entry] = JSON.parse(stdout || "[]") as readonly NeighbourEntry[];
    if (entry?.lladdr !== undefined) return entry.lladdr;
    if (entry?.state?.includes("FAILED")) return undefined;
    await sleep(80);
  }
  return undefined;
}
