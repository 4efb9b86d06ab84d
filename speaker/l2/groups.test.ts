import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../crds/net/address.ts";
import { fromHex } from "../codec/octets.ts";
import type { L2Announcement } from "../intent/intent.ts";
import { AnnouncementTable } from "./announcement-table.ts";
import { SolicitedNodeGroups } from "./groups.ts";
import type { WireLink } from "./link-selection.ts";

const linkLocal = fromHex("fe800000000000000000000000000001");
const eth0: WireLink = { index: 2, name: "eth0", mac: fromHex("020000000001"), carrier: true, arp: true, linkLocal };
const eth1: WireLink = { ...eth0, index: 3, name: "eth1" };

/** A table and the groups that follow it; every step gives `join <group> <link>` lines. */
class Followed {
  readonly #table = new AnnouncementTable();
  readonly #groups = new SolicitedNodeGroups(this.#table);

  links(...links: readonly WireLink[]): readonly string[] {
    return told(this.#groups.setLinks(links));
  }

  set(service: string, texts: readonly string[], ...interfaces: readonly string[]): readonly string[] {
    const announcements = texts.flatMap((text): readonly L2Announcement[] => {
      const address = parseAddress(text);
      return address === undefined ? [] : [{ address, interfaces }];
    });
    return told(this.#groups.apply(this.#table.set(service, announcements)));
  }
}

function told(changes: ReturnType<SolicitedNodeGroups["apply"]>): readonly string[] {
  return changes.map(({ type, group, link }) => `${type} ${group} ${link}`);
}

test("the group of an IPv6 address is joined on every link that answers NDP, and left again", () => {
  const followed = new Followed();
  followed.links(eth0, eth1, { ...eth1, index: 4, name: "eth2", linkLocal: undefined });
  deepEqual(followed.set("a/a", ["2001:db8::12:3456", "192.0.2.1"]), [
    "join ff02::1:ff12:3456 eth0",
    "join ff02::1:ff12:3456 eth1",
  ]);
  deepEqual(followed.set("a/a", []), ["leave ff02::1:ff12:3456 eth0", "leave ff02::1:ff12:3456 eth1"]);
});

test("a group that two addresses share is joined once and left with the last", () => {
  const followed = new Followed();
  followed.links(eth0);
  deepEqual(followed.set("a/a", ["2001:db8::1"]), ["join ff02::1:ff00:1 eth0"]);
  deepEqual(followed.set("a/b", ["2001:db8:0:1::1"]), []);
  deepEqual(followed.set("a/a", []), []);
  deepEqual(followed.set("a/b", []), ["leave ff02::1:ff00:1 eth0"]);
});

test("a group that passes from one address to another in one step is not left", () => {
  const followed = new Followed();
  followed.links(eth0);
  followed.set("a/a", ["2001:db8::1"]);
  deepEqual(followed.set("a/a", ["2001:db8:0:1::1"]), []);
});

test("a change of interfaces joins and leaves where it must", () => {
  const followed = new Followed();
  followed.links(eth0, eth1);
  followed.set("a/a", ["2001:db8::1"], "eth0");
  deepEqual(followed.set("a/a", ["2001:db8::1"]), ["join ff02::1:ff00:1 eth1"]);
  deepEqual(followed.set("a/a", ["2001:db8::1"], "eth1"), ["leave ff02::1:ff00:1 eth0"]);
});

test("the groups of announced addresses are joined on a link that appears later", () => {
  const followed = new Followed();
  followed.set("a/a", ["2001:db8::1", "2001:db8::2"]);
  deepEqual(followed.links(eth0), ["join ff02::1:ff00:1 eth0", "join ff02::1:ff00:2 eth0"]);
  deepEqual(followed.links(eth0), []);
});

test("a link that came back under its name is joined anew", () => {
  const followed = new Followed();
  followed.links(eth0);
  followed.set("a/a", ["2001:db8::1"]);
  deepEqual(followed.links({ ...eth0, index: 8 }), ["leave ff02::1:ff00:1 eth0", "join ff02::1:ff00:1 eth0"]);
  deepEqual(followed.links(), ["leave ff02::1:ff00:1 eth0"]);
  deepEqual(followed.set("a/a", []), []);
});
