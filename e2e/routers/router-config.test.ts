import { deepEqual, match, throws } from "node:assert/strict";
import { test } from "node:test";
import { birdConfig } from "./bird/bird-config.ts";
import { communityText, pathTextOf } from "./canonical-text.ts";
import { bfddConfig, bgpdConfig } from "./frr/frr-config.ts";
import { gobgpConfig, routeCommand } from "./gobgp/gobgp-config.ts";
import type { NeighborDescription, RouterDescription } from "./router-description.ts";

const bfd = { transmitMs: 150, receiveMs: 200, multiplier: 4 };
const neighbor: NeighborDescription = {
  ...{ name: "n1", at: { address: "172.30.0.11" }, autonomousSystem: 64513, families: ["ipv4"] },
  ...{ password: "secret", passive: true, ttlSecurity: true, timers: { holdSeconds: 30, keepaliveSeconds: 10 } },
};
const described = (changed: Partial<NeighborDescription> = {}): RouterDescription => ({
  ...{ autonomousSystem: 64512, routerId: "172.30.0.1", neighbors: [{ ...neighbor, ...changed }] },
});

test("one description says the same to each program", () => {
  const [frr, bird] = [bgpdConfig(described()), birdConfig(described())];
  for (const line of ["remote-as 64513", "password secret", "passive", "ttl-security hops 1", "timers 10 30"])
    match(frr, new RegExp(`^ neighbor 172.30.0.11 ${line}$`, "m"));
  for (const line of ["neighbor 172.30.0.11 as 64513", 'password "secret"', "passive on", "ttl security on", "hold time 30"])
    match(bird, new RegExp(`^ {2}${line};$`, "m"));
  const [gobgp] = JSON.parse(gobgpConfig(described())).neighbors;
  deepEqual(gobgp.config, { "neighbor-address": "172.30.0.11", "peer-as": 64513, "auth-password": "secret" });
  deepEqual(gobgp["ttl-security"].config, { enabled: true, "ttl-min": 255 });
});

test("FRR has a BFD profile for each neighbour, BIRD the options in its protocol", () => {
  match(
    bfddConfig(described({ bfd })),
    / profile n1\n {2}detect-multiplier 4\n {2}receive-interval 200\n {2}transmit-interval 150\n/,
  );
  match(bgpdConfig(described({ bfd })), / neighbor 172\.30\.0\.11 bfd profile n1\n/);
  match(birdConfig(described({ bfd })), /bfd \{ min rx interval 200 ms; min tx interval 150 ms; multiplier 4; \};/);
});

test("graceful restart that is not described is off, not the program's default", () => {
  match(bgpdConfig(described()), /graceful-restart-disable/);
  match(birdConfig(described()), / {2}graceful restart off;/);
});

test("what a program cannot do is refused, with the way out", () => {
  const wayOut = /neighbour "n1", or let another program/;
  throws(() => birdConfig(described({ at: { interface: "eth0" } })), wayOut);
  throws(() => gobgpConfig(described({ at: { interface: "eth0" } })), wayOut);
  throws(() => birdConfig(described({ bfd: { ...bfd, echoMs: 50 } })), wayOut);
  throws(() => gobgpConfig(described({ bfd })), wayOut);
  throws(() => gobgpConfig(described({ minimumHoldSeconds: 20 })), wayOut);
  throws(() => gobgpConfig(described({ autonomousSystem: "external" })), wayOut);
});

test("a least hold time is said in the program's place for it", () => {
  match(bgpdConfig(described({ minimumHoldSeconds: 20 })), /^ bgp minimum-holdtime 20$/m);
  match(birdConfig(described({ minimumHoldSeconds: 20 })), /^ {2}min hold time 20;$/m);
});

test("GoBGP is told a route in the words of its client", () => {
  const route = { prefix: "10.1.0.0/24", med: 7, communities: ["1:2", "3:4"], largeCommunities: ["1:2:3"], prepend: 2 };
  const words = "global rib add -a ipv4 10.1.0.0/24 origin igp aspath 65001,65001 med 7 community 1:2,3:4 large-community 1:2:3";
  deepEqual(routeCommand(route, 65001).join(" "), words);
});

test("a well-known community is written in numbers, whoever names it", () => {
  const names = ["noExport", "no-export", "65535:65281", "graceful-shutdown", "65001:1"];
  deepEqual(names.map(communityText), ["65535:65281", "65535:65281", "65535:65281", "65535:0", "65001:1"]);
});

test("sets of an AS path have one form", () => {
  deepEqual([" 1 {3 2}  4 ", "{2,3}", ""].map(pathTextOf), ["1 {2,3} 4", "{2,3}", ""]);
});
