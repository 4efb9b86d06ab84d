import { deepEqual, match, throws } from "node:assert/strict";
import { test } from "node:test";
import { encodeEthernet, etherType } from "../codec/ethernet.ts";
import { encodeNdp } from "../codec/ndp.ts";
import { fromHex, toHex } from "../codec/octets.ts";
import { encodeRouterDiscovery } from "../codec/router-discovery.ts";
import { routerTaps } from "./af-packet.ts";
import { ethernetLink, ownLink } from "./fake/link.ts";
import { whyNoNamespaces, withNamespacePair } from "./fake/network-namespaces.ts";

const source = fromHex("fe80000000000000000000000000000b");
const allNodes = fromHex("ff020000000000000000000000000001");
const mac = fromHex("02000000000b");

function frame(payload: Uint8Array): Uint8Array {
  return encodeEthernet({ destination: fromHex("333300000001"), source: mac, etherType: etherType.ipv6, payload });
}

test("router advertisements and solicitations are heard, and nothing else", { skip: whyNoNamespaces ?? false }, async () => {
  const flags = { curHopLimit: 0, managed: false, otherConfiguration: false, reachableTimeMs: 0, retransTimerMs: 0 };
  const advertisement = { type: "advertisement", ...flags, lifetimeSeconds: 0 } as const;
  const said = [
    frame(encodeNdp({ source, destination: allNodes, message: { type: "solicitation", target: source } })),
    frame(encodeRouterDiscovery({ source, destination: allNodes, message: advertisement })),
    frame(encodeRouterDiscovery({ source, destination: allNodes, message: { type: "solicitation" } })),
  ];
  await withNamespacePair(async ({ inside, ip }) => {
    const link = (side: "a" | "b") => inside(side, () => ownLink(`v${side}`));
    await ip("a", "link", "show", "va");
    const heard: string[] = [];
    const all = Promise.withResolvers<void>();
    const onFrame = (octets: Uint8Array): void => {
      heard.push(toHex(octets));
      if (heard.length === 2) all.resolve();
    };
    const onClosed = (reason: string): void => all.reject(new Error(reason));
    const ear = inside("a", () => routerTaps.open(link("a"), { onFrame, onClosed }));
    const mouth = inside("b", () => routerTaps.open(link("b"), { onFrame: () => heard.push("own"), onClosed }));
    for (const octets of said) mouth.send(octets);
    await all.promise;
    ear.close();
    mouth.close();
    deepEqual(heard, said.slice(1).map(toHex));
  }, true);
});

test("an interface that does not exist is named", { skip: whyNoNamespaces ?? false }, () => {
  const events = { onFrame: () => undefined, onClosed: () => undefined };
  throws(
    () => routerTaps.open(ethernetLink(9_999, "nosuch0", mac), events),
    (error: Error) => {
      match(error.message, /router advertisements on interface nosuch0/);
      return true;
    },
  );
});
