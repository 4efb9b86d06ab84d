import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { maxIncarnation } from "./member-record.ts";
import { dampingFor, OwnRecord } from "./own-record.ts";
import { deathMemoryMs } from "./timing.ts";

function joinedRecord(): OwnRecord {
  const own = new OwnRecord({ name: "a", address: "192.0.2.1", startId: "" });
  own.joined = true;
  own.update(0);
  own.heldAs({ verdict: "alive", incarnation: 1, deaths: 0 }, true, 0);
  return own;
}

test("damping doubles with each death, up to 5 minutes", () => {
  deepEqual([0, 1, 2, 3, 6, 7, 8, 255].map(dampingFor), [0, 5000, 10_000, 20_000, 160_000, 300_000, 300_000, 300_000]);
});

test("a death begins a new life, and no candidate's until others have held it alive for 5 s", () => {
  const own = joinedRecord();
  ok(own.heldAs({ verdict: "dead", incarnation: 1, deaths: 0 }, true, 100));
  ok(own.update(100));
  deepEqual([own.incarnation, own.standing, own.outcast], [2, "returning", true]);
  own.update(60_000);
  equal(own.standing, "returning");
  own.heldAs({ verdict: "alive", incarnation: 2, deaths: 1 }, true, 60_000);
  equal(own.outcast, false);
  equal(own.nextAt(), 65_000);
  own.update(64_999);
  equal(own.standing, "returning");
  own.update(65_000);
  equal(own.standing, "candidate");
});

test("a death without blame begins a new life, and nothing else", () => {
  const own = joinedRecord();
  ok(own.heldAs({ verdict: "dead", incarnation: 1, deaths: 0 }, false, 100));
  own.update(100);
  deepEqual([own.incarnation, own.standing], [2, "candidate"]);
});

test("the death of an earlier life is refuted already", () => {
  const own = joinedRecord();
  own.heldAs({ verdict: "dead", incarnation: 1, deaths: 0 }, true, 100);
  equal(own.heldAs({ verdict: "dead", incarnation: 1, deaths: 0 }, true, 110), false);
  equal(own.record.deaths, 1);
});

test("a fresh start goes on where the one before it ended, with its deaths", () => {
  const own = joinedRecord();
  ok(own.heldAs({ verdict: "dead", incarnation: 7, deaths: 2 }, true, 0));
  deepEqual([own.incarnation, own.record.deaths], [8, 3]);
});

test("a fresh start that was not missed or had said goodbye is not damped", () => {
  for (const verdict of ["alive", "left"] as const) {
    const own = joinedRecord();
    ok(own.heldAs({ verdict, incarnation: 7, deaths: 2 }, true, 0));
    own.update(0);
    deepEqual([own.incarnation, own.record.deaths, own.standing], [8, 2, "candidate"]);
  }
});

test("an incarnation that no node reaches is not listened to", () => {
  const own = joinedRecord();
  equal(own.heldAs({ verdict: "dead", incarnation: maxIncarnation + 1, deaths: 0 }, true, 0), false);
  equal(own.incarnation, 1);
});

test("an hour after the last death the deaths are forgotten, and all are told", () => {
  const own = joinedRecord();
  own.heldAs({ verdict: "dead", incarnation: 1, deaths: 0 }, true, 0);
  own.heldAs({ verdict: "alive", incarnation: 2, deaths: 1 }, true, 0);
  own.update(10_000);
  const { generation } = own.record;
  ok(own.update(deathMemoryMs + 1));
  deepEqual([own.record.deaths, own.record.generation], [0, generation + 1]);
});

test("each change of what a node says has a generation of its own", () => {
  const own = joinedRecord();
  const { generation } = own.record;
  ok(own.setFacts(new Uint8Array(1)));
  equal(own.setFacts(new Uint8Array(1)), false);
  equal(own.setFacts(new Uint8Array(20_000)), false);
  own.willing = false;
  ok(own.update(0));
  equal(own.update(0), false);
  equal(own.record.generation, generation + 2);
});

test("the graver reason stands first", () => {
  const own = joinedRecord();
  own.willing = false;
  own.update(0);
  equal(own.standing, "unwilling");
  own.joined = false;
  own.update(0);
  equal(own.standing, "joining");
  own.cutOff = true;
  own.update(0);
  equal(own.standing, "cut-off");
  own.wireAlive = false;
  own.update(0);
  equal(own.standing, "held");
  own.leaving = true;
  own.update(0);
  equal(own.standing, "leaving");
});

test("who was cut off is damped as after a death, whether the others missed it or not", () => {
  for (const verdict of ["alive", "dead"] as const) {
    const own = joinedRecord();
    own.restart(100);
    const { incarnation } = own;
    own.heldAs({ verdict, incarnation, deaths: 0 }, true, 110);
    own.heldAs({ verdict: "alive", incarnation: own.incarnation, deaths: 1 }, true, 120);
    own.joined = true;
    own.update(120);
    deepEqual([own.standing, own.record.deaths], ["returning", 1]);
    own.heldAs({ verdict: "dead", incarnation: own.incarnation, deaths: 1 }, true, 200);
    equal(own.record.deaths, 2, "another death");
  }
});

test("one that died before is damped once it has lived for as long as after its first death", () => {
  const own = joinedRecord();
  own.heldAs({ verdict: "dead", incarnation: 1, deaths: 1 }, true, 100);
  own.heldAs({ verdict: "alive", incarnation: 2, deaths: 2 }, true, 1000);
  const standings = [1000, 5999, 6000, 10_999, 11_000].map((at) => {
    own.update(at);
    return [own.standing, own.nextAt()];
  });
  deepEqual(standings, [
    ["returning", 6000],
    ["returning", 6000],
    ["damped", 11_000],
    ["damped", 11_000],
    ["candidate", Number.POSITIVE_INFINITY],
  ]);
});

/** A record that died and lives again since 1000, with the earlier deaths. */
function returned(earlier: number): OwnRecord {
  const own = joinedRecord();
  own.heldAs({ verdict: "dead", incarnation: 1, deaths: earlier }, true, 100);
  own.heldAs({ verdict: "alive", incarnation: 2, deaths: earlier + 1 }, true, 1000);
  own.update(1000);
  return own;
}

test("while others take what another node had, nobody comes out of damping", () => {
  const own = returned(0);
  own.otherGaveUp(5000);
  equal(own.nextAt(), 7000);
  own.update(6999);
  equal(own.standing, "returning");
  own.update(7000);
  equal(own.standing, "candidate");
});

test("nor is a node that died before a second choice so soon; what it is it remains", () => {
  const own = returned(1);
  own.otherGaveUp(5900);
  const standings = [6000, 7900, 8000].map((at) => {
    if (at === 8000) own.otherGaveUp(at);
    own.update(at);
    return own.standing;
  });
  deepEqual(standings, ["returning", "damped", "damped"]);
});

test("others that go one after the other keep nobody damped for ever", () => {
  const own = returned(0);
  for (let at = 2000; at <= 11_000; at += 1000) own.otherGaveUp(at);
  equal(own.nextAt(), 11_000);
  own.update(11_000);
  equal(own.standing, "candidate");
});
