import { ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { BgpMessage } from "../../codec/bgp/message.ts";
import { DrivenSession, ends, ipv4Capability, ipv6Capability, openMessage, sessionConfig } from "../fixture/session.ts";
import { transition } from "./fsm.ts";
import type { SessionConfig } from "./session-config.ts";
import type { SessionEvent } from "./session-event.ts";
import { dueAt, type SessionState, type StateName, stateName } from "./session-state.ts";

const restart = { type: "graceful-restart", restarting: true, notification: true, restartTimeSeconds: 9, families: [] } as const;

const messages: readonly BgpMessage[] = [
  openMessage(),
  openMessage({ identifier: 1 }),
  openMessage({ holdTimeSeconds: 0, capabilities: [ipv4Capability, ipv6Capability, restart] }),
  ...[{ version: 3 }, { autonomousSystem: 0 }, { identifier: 0 }, { holdTimeSeconds: 2 }].map(openMessage),
  { type: "keepalive" },
  { type: "update", withdrawn: [], attributes: {}, nlri: [] },
  { type: "route-refresh", afi: 1, safi: 1, subtype: 0 },
  { type: "route-refresh", afi: 0xffff, safi: 0xff, subtype: 0xff },
  ...[
    [2, 4],
    [2, 7],
    [6, 2],
    [6, 7],
    [255, 255],
  ].map(([code = 0, subcode = 0]) => ({ type: "notification", code, subcode, data: Uint8Array.of(9, 0xff) }) as const),
];

const connections = [1, 2, 3] as const;

/** Every event there is, on connections and attempts that are known and that are not. */
const events: readonly SessionEvent[] = [
  { type: "tick" },
  { type: "start" },
  ...(["peer-removed", "configuration-changed", "administrative-shutdown", "graceful-restart"] as const).map(
    (type) => ({ type: "stop", reason: { type } }) as const,
  ),
  { type: "reset" },
  { type: "bfd-down" },
  { type: "rib-complete" },
  ...[0, 1, 2].flatMap((attempt) => [
    { type: "connect-failed", attempt, reason: "x" } as const,
    ...connections.map((connection) => ({ type: "connected", attempt, connection, ends }) as const),
  ]),
  ...connections.flatMap((connection) => [
    { type: "inbound", connection, ends } as const,
    { type: "closed", connection, reason: "x" } as const,
    { type: "malformed", connection, code: 3, subcode: 1, data: new Uint8Array(), reason: "x" } as const,
    { type: "blocked", connection } as const,
    { type: "unblocked", connection } as const,
    ...messages.map((message) => ({ type: "received", connection, message }) as const),
  ]),
];

const configs: readonly SessionConfig[] = [
  sessionConfig(),
  sessionConfig({ acceptsInbound: true, gracefulRestart: true, families: ["IPv4", "IPv6"], connectTimeMs: 1000 }),
  sessionConfig({ passive: true, acceptsInbound: true, holdTimeSeconds: 0, keepaliveMs: 0, families: ["IPv6"] }),
];

/** What must be true of every state, and of what was done to come to it. */
function check(before: SessionState, event: SessionEvent, config: SessionConfig): SessionState {
  const now = (dueAt(before) ?? 0) + 1;
  const { state, effects } = transition(before, event, config, { now, random: 0.5 });
  ok(state.links.length <= 2);
  ok(state.links.filter(({ phase }) => phase === "Established").length <= 1);
  ok(state.running || (state.links.length === 0 && state.dialling === undefined && state.dialAt === undefined));
  const upBefore = before.links.find(({ phase }) => phase === "Established")?.connection;
  const upAfter = state.links.find(({ phase }) => phase === "Established")?.connection;
  const ups = effects.filter(({ type }) => type === "session-up").length;
  const downs = effects.filter(({ type }) => type === "session-down").length;
  ok(ups - downs === Number(upAfter !== undefined) - Number(upBefore !== undefined), "ups and downs match the states");
  const waits = state.dialling !== undefined || state.dialAt !== undefined || state.links.length > 0;
  ok(!state.running || config.passive || waits, "a session that runs never forgets to connect");
  if (state.running && !config.passive)
    ok(dueAt(state) !== undefined || state.links.some(({ phase }) => phase === "Established"));
  for (const [index, effect] of effects.entries()) {
    if (effect.type !== "send" || effect.message.type !== "notification") continue;
    const { connection } = effect;
    ok(effects.slice(index).some((later) => later.type === "close" && later.connection === connection));
  }
  if (event.type === "received" && event.message.type === "notification") {
    ok(!effects.some((effect) => effect.type === "send" && effect.connection === event.connection));
  }
  return state;
}

function kindOf(state: SessionState): string {
  const links = state.links.map(({ phase, origin, holdUntil, sendHoldUntil }) =>
    [phase, origin, holdUntil === undefined, sendHoldUntil === undefined].join(),
  );
  return [stateName(state), ...links, state.capabilities, state.dialAt === undefined, state.dialling === undefined].join(" ");
}

for (const [index, config] of configs.entries())
  test(`every event is answered in every kind of state that can be reached, of configuration ${index}`, () => {
    const seen = new Map<string, SessionState>();
    const names = new Set<StateName>();
    const open = [new DrivenSession(config, false).state];
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      names.add(stateName(state));
      for (const event of events) {
        const next = check(state, event, config);
        const kind = kindOf(next);
        if (seen.has(kind)) continue;
        seen.set(kind, next);
        open.push(next);
      }
    }
    ok(names.has("Idle") && (config.families.includes("IPv4") ? names.has("Established") : names.has("OpenSent")));
    ok(seen.size > (config.acceptsInbound && !config.passive ? 20 : 5), `only ${seen.size} kinds of states`);
  });

test("no order of events breaks a law", () => {
  const steps = fc.array(fc.nat(events.length - 1), { maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.nat(configs.length - 1), (order, which) => {
      const config = configs[which] ?? sessionConfig();
      let state = new DrivenSession(config).state;
      for (const step of order) state = check(state, events[step] ?? { type: "tick" }, config);
    }),
    { numRuns: 500 },
  );
});
