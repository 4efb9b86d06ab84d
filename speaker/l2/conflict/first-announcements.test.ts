import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { FirstAnnouncements } from "./first-announcements.ts";

const ip = "192.0.2.2";

test("the first announcement of an address that appeared waits for a probe, once", () => {
  const first = new FirstAnnouncements(150);
  first.appeared(ip);
  deepEqual([first.announce(ip, false, 0), first.announce(ip, false, 10)], ["start", "wait"]);
  first.forget(ip);
  equal(first.announce(ip, false, 20), "go");
});

test("an address that was there before, or that another node announces, does not wait", () => {
  const first = new FirstAnnouncements(150);
  equal(first.announce(ip, false, 0), "go");
  first.appeared(ip);
  first.forget(ip);
  equal(first.announce(ip, false, 0), "go");
});

test("a probe that does not end is waited for 500 ms longer than it takes, where the policy is strict 5 s", () => {
  for (const [strict, ms] of [
    [false, 650],
    [true, 5150],
  ] as const) {
    const first = new FirstAnnouncements(150);
    first.appeared(ip);
    first.announce(ip, strict, 0);
    equal(first.nextAt(), ms);
    deepEqual(first.expire(ms - 1), []);
    deepEqual(first.expire(ms), [ip]);
    deepEqual([first.announce(ip, strict, ms), first.size], ["go", 0]);
  }
});

test("with a probe time of zero nothing waits", () => {
  const first = new FirstAnnouncements(0);
  first.appeared(ip);
  deepEqual([first.announce(ip, true, 0), first.size], ["go", 0]);
});
