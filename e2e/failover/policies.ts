import type { Lab } from "../lab/lab.ts";
import { until } from "../lab/until.ts";
import { echoDeployment, service } from "../manifests.ts";
import { apply, givenAddresses, ready } from "../observe.ts";
import type { Ground } from "./ground.ts";

/** How many connections stay open and in use while an address moves. */
export const keptOpen = 20;

/** A Service with externalTrafficPolicy Local and a backend on every node. @returns its address. */
export async function localService(lab: Lab): Promise<string> {
  const spec = { externalTrafficPolicy: "Local" };
  await apply(lab, echoDeployment("local", lab.nodes.length), service("local", { families: "SingleStack", spec }));
  await ready(lab, "deployment/local");
  const [address = ""] = await givenAddresses(lab, "local", 1);
  await until(`${address} answers`, 20_000, () => lab.answers(address));
  return address;
}

/** 100 connections a second to an address, and {@link keptOpen} that stay; ARP requests every 5 ms. */
export async function askSteadily(ground: Ground, address: string): Promise<void> {
  const order = { connectTo: [address], connectEveryMs: 10, keepOpenTo: [address], keepOpenEach: keptOpen };
  await ground.askFor({ watched: [address], ...order });
}
