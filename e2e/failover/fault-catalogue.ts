import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../lab/lab.ts";
import { exclude } from "./advertisement-fault.ts";
import type { Fault } from "./fault.ts";
import {
  cutFromApi,
  filterMembership,
  flap,
  loseFrom,
  loseSome,
  loseTo,
  partition,
  silence,
  type Undo,
  unplug,
} from "./segment-fault.ts";
import { deleting, holding, killing, suspending } from "./speaker-fault.ts";

const lastsMs = 3000;
const onOwner = (strike: (lab: Lab, nodes: readonly string[]) => Promise<Undo>): Fault["aim"] => {
  return async (lab, owner) => () => strike(lab, [owner]);
};
const others = (lab: Lab, owner: string): readonly string[] => lab.nodes.filter((node) => node !== owner);

/** Everything that is done to a segment and its speakers; the owner is the node that answers for the first address. */
export const faults = {
  cut: { title: "the owner's link is cut, carrier lost", takesOver: true, nodes: 2, lastsMs, aim: onOwner(unplug) },
  silent: { title: "the owner's link is cut, carrier kept", takesOver: true, nodes: 2, lastsMs, aim: onOwner(silence) },
  "one-way-from": { title: "what the owner sends is lost", takesOver: true, nodes: 2, lastsMs, aim: onOwner(loseFrom) },
  "one-way-to": { title: "what is sent to the owner is lost", takesOver: true, nodes: 2, lastsMs, aim: onOwner(loseTo) },
  kill: {
    title: "SIGKILL to the owner's speaker",
    ...{ takesOver: true, nodes: 2, lastsMs },
    aim: (lab, owner) => killing(lab, [owner]),
  },
  stop: {
    title: "SIGSTOP to the owner's speaker, and SIGCONT",
    ...{ takesOver: true, nodes: 2, lastsMs },
    aim: (lab, owner) => suspending(lab, [owner]),
  },
  "hold-300": {
    title: "the network thread of the owner's speaker stands still for 300 ms",
    ...{ takesOver: false, nodes: 2, lastsMs, heraldOnly: true },
    aim: (lab, owner) => holding(lab, owner, "SIGWINCH"),
  },
  hold: {
    title: "the network thread of the owner's speaker stands still for 5 s",
    ...{ takesOver: true, nodes: 2, lastsMs: 7000, heraldOnly: true },
    aim: (lab, owner) => holding(lab, owner, "SIGUSR2"),
  },
  "two-at-once": {
    title: "the links of all nodes but one are cut at once",
    ...{ takesOver: true, nodes: 3, lastsMs },
    aim: async (lab, owner) => () => unplug(lab, [owner, ...others(lab, owner).slice(1)]),
  },
  bystander: {
    title: "the link of a node that owns nothing is cut",
    ...{ takesOver: false, nodes: 2, lastsMs },
    aim: async (lab, owner) => () => unplug(lab, others(lab, owner).slice(0, 1)),
  },
  filter: {
    title: "the membership port is filtered from now on",
    ...{ takesOver: false, nodes: 2, lastsMs: 8000 },
    aim: async (lab) => () => filterMembership(lab),
  },
  "filter-from-start": {
    title: "all speakers start anew while the membership port is filtered",
    ...{ takesOver: false, nodes: 2, lastsMs: 8000 },
    aim: async (lab) => {
      const restart = await deleting(lab, lab.nodes);
      return async () => {
        const undo = await filterMembership(lab);
        await (await restart())();
        return undo;
      };
    },
  },
  "filter-then-cut": {
    title: "the membership port is filtered, and 4 s later the owner's link is cut",
    ...{ takesOver: true, nodes: 2, lastsMs: 5000 },
    aim: async (lab, owner) => async () => {
      const pass = await filterMembership(lab);
      await sleep(4000);
      const plug = await unplug(lab, [owner]);
      return async () => {
        await plug();
        await pass();
      };
    },
  },
  "filter-after-death": {
    title: "the owner's link is cut for a second, and soon after it is back the membership port is filtered",
    ...{ takesOver: true, nodes: 2, lastsMs: 10_000 },
    aim: async (lab, owner) => async () => {
      const plug = await unplug(lab, [owner]);
      await sleep(1000);
      await plug();
      await sleep(1500);
      return filterMembership(lab);
    },
  },
  contest: {
    title: "the owner hears nothing of the API server, where others are now to announce in its place",
    ...{ takesOver: false, nodes: 2, lastsMs: 5000 },
    aim: async (lab, owner) => async () => {
      const reconnect = await cutFromApi(lab, [owner]);
      const allow = await exclude(lab, owner);
      return async () => {
        await reconnect();
        await allow();
      };
    },
  },
  partition: {
    title: "the owner and the other nodes do not hear each other, the client hears all",
    ...{ takesOver: false, nodes: 2, lastsMs },
    aim: async (lab, owner) => () => partition(lab, [owner], others(lab, owner)),
  },
  flap: {
    title: "the owner's link goes down and up, once a second",
    ...{ takesOver: true, nodes: 2, lastsMs: 10_000 },
    aim: async (lab, owner) => () => flap(lab, owner),
  },
  "loss-10": {
    title: "every tenth frame is lost at the switch",
    ...{ takesOver: false, nodes: 2, lastsMs: 10_000 },
    aim: async (lab) => () => loseSome(lab, 10),
  },
  "loss-30": {
    title: "three of ten frames are lost at the switch",
    ...{ takesOver: false, nodes: 2, lastsMs: 10_000 },
    aim: async (lab) => () => loseSome(lab, 30),
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;
