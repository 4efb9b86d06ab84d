import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { announcementOf } from "../../bgp/fixture/sample-routes.ts";
import { setUp } from "../fake/wire-world.ts";
import type { RouteChange, ToBgp } from "../threads/messages.ts";
import type { BgpPart } from "./wire.ts";

/** What a BGP part was asked, in order. */
class Asked implements BgpPart {
  readonly messages: ToBgp[] = [];
  readonly asked: string[] = [];

  receive(message: ToBgp): void {
    this.messages.push(message);
    this.asked.push(message.type);
  }

  setLinks(links: readonly { readonly name: string }[]): void {
    this.asked.push(`links ${links.map(({ name }) => name).join(" ")}`);
  }

  leave(): void {
    this.asked.push("leave");
  }

  close(): void {
    this.asked.push("close");
  }
}

const route = (index: number): RouteChange => ({ service: `a/${index}`, announcements: [announcementOf("192.0.2.1/32")] });

test("BGP is told the links, what the mind sends in its order, and the end", () => {
  const bgp = new Asked();
  const { wire, clock } = setUp(true, bgp);
  wire.receive({ type: "bgp-sessions", sessions: [] });
  wire.receive({ type: "routes", changes: [route(1)] });
  wire.receive({ type: "routes-complete" });
  wire.receive({ type: "node-drains", drains: true });
  wire.receive({ type: "bgp-trace", question: 1, peer: "router" });
  wire.stop();
  clock.tick(1_000);
  deepEqual(bgp.asked, ["links eth0", "bgp-sessions", "routes", "routes-complete", "node-drains", "bgp-trace", "leave", "close"]);
});

test("many routes are taken over in slices", () => {
  const bgp = new Asked();
  const { wire } = setUp(true, bgp);
  wire.receive({ type: "routes", changes: Array.from({ length: 950 }, (_, index) => route(index)) });
  wire.receive({ type: "routes-complete" });
  const sizes = bgp.messages.flatMap((message) => (message.type === "routes" ? [message.changes.length] : []));
  equal(Math.max(...sizes) <= 100, true);
  equal(
    sizes.reduce((sum, size) => sum + size, 0),
    950,
  );
});
