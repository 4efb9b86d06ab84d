import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { must } from "../lab/command.ts";
import type { Lab } from "../lab/lab.ts";
import { namespacePath } from "../lab/process.ts";

/** Ends a fault. Harmless when repeated. */
export type Undo = () => Promise<void>;

export const membershipPort = 7946;
const apiPort = 6443;

/** Pulls the nodes' cables: they lose carrier. */
export async function unplug(lab: Lab, nodes: readonly string[]): Promise<Undo> {
  await Promise.all(nodes.map((node) => lab.cut(node)));
  return async () => void (await Promise.all(nodes.map((node) => lab.restore(node))));
}

/** The switch passes nothing to or from the nodes, and they keep their carrier. */
export function silence(lab: Lab, nodes: readonly string[]): Promise<Undo> {
  return heldOff(lab, nodes, { prerouting: [`iifname ${ports(nodes)} drop`], postrouting: [`oifname ${ports(nodes)} drop`] });
}

/** What the nodes send is lost; they hear the others. */
export function loseFrom(lab: Lab, nodes: readonly string[]): Promise<Undo> {
  return heldOff(lab, nodes, { prerouting: [`iifname ${ports(nodes)} drop`] });
}

/** What is sent to the nodes is lost; the others hear them. */
export function loseTo(lab: Lab, nodes: readonly string[]): Promise<Undo> {
  return heldOff(lab, nodes, { postrouting: [`oifname ${ports(nodes)} drop`] });
}

/** UDP on the membership port does not pass the switch, whoever sends it. */
export function filterMembership(lab: Lab): Promise<Undo> {
  const udp = `udp dport ${membershipPort} drop`;
  return dropping(lab, { prerouting: [`ip protocol udp ${udp}`, `ip6 nexthdr udp ${udp}`] });
}

/** Nothing passes the switch between the nodes and the API server. What was on its way would still be a watch's word. */
export function cutFromApi(lab: Lab, nodes: readonly string[]): Promise<Undo> {
  const ofBoth = (tcp: string): readonly string[] => [`ip protocol tcp ${tcp}`, `ip6 nexthdr tcp ${tcp}`];
  return heldOff(lab, nodes, {
    prerouting: ofBoth(`iifname ${ports(nodes)} tcp dport ${apiPort} drop`),
    postrouting: ofBoth(`oifname ${ports(nodes)} tcp sport ${apiPort} drop`),
  });
}

/** So many of a hundred frames that enter the switch are lost. */
export function loseSome(lab: Lab, percent: number): Promise<Undo> {
  return dropping(lab, { prerouting: [`numgen random mod 100 < ${percent} drop`] });
}

/** The nodes on one side and those on the other do not hear each other; the rest of the segment hears both. */
export function partition(lab: Lab, one: readonly string[], other: readonly string[]): Promise<Undo> {
  const forward = [`iifname ${ports(one)} oifname ${ports(other)} drop`, `iifname ${ports(other)} oifname ${ports(one)} drop`];
  return dropping(lab, { forward });
}

/** The node's link goes down and up, each for half of a second, until it is undone. */
export async function flap(lab: Lab, node: string): Promise<Undo> {
  const stop = new AbortController();
  const flapping = (async () => {
    while (!stop.signal.aborted) {
      await lab.cut(node);
      await sleep(500);
      await lab.restore(node);
      await sleep(500);
    }
  })();
  return async () => {
    stop.abort();
    await flapping;
  };
}

/** Rules of the switch by the hook of their chain. */
type Rules = Partial<Readonly<Record<"prerouting" | "forward" | "postrouting", readonly string[]>>>;

/** A node that is cut off has a kubelet that is cut off. */
async function heldOff(lab: Lab, nodes: readonly string[], rules: Rules): Promise<Undo> {
  for (const node of nodes) lab.holdKubelet(node, true);
  const undo = await dropping(lab, rules);
  return async () => {
    await undo();
    for (const node of nodes) lab.holdKubelet(node, false);
  };
}

/** Each fault has a table of its own, so that faults add up and end in any order. */
async function dropping(lab: Lab, rules: Rules): Promise<Undo> {
  const table = `bridge fault_${randomUUID().replaceAll("-", "")}`;
  const chains = Object.entries(rules).map(
    ([hook, lines]) => `chain ${hook} {\ntype filter hook ${hook} priority 0\n${lines.join("\n")}\n}`,
  );
  await nft(lab, `table ${table} {\n${chains.join("\n")}\n}`);
  let standing = true;
  return async () => {
    if (standing) await nft(lab, `delete table ${table}`);
    standing = false;
  };
}

async function nft(lab: Lab, input: string): Promise<void> {
  await must("nsenter", [`--net=${namespacePath(lab.topology.segment)}`, "--", "nft", "-f", "-"], { input: `${input}\n` });
}

/** The switch calls its ports by the names of the machines. */
function ports(nodes: readonly string[]): string {
  return `{ ${nodes.map((node) => `"${node}"`).join(", ")} }`;
}
