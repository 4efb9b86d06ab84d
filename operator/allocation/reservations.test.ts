import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { formatAddress } from "../../crds/net/address.ts";
import { type Reservation, Reservations, reservationsPerPool } from "./reservations.ts";

const kept = (octet: number, service: string, until: number): Reservation => ({
  address: { family: "IPv4", bits: 0x0a000000n + BigInt(octet) },
  service,
  until,
});
const text = ({ address, service, until }: Reservation): string => `${formatAddress(address)} ${service} ${until}`;

describe("reservations", () => {
  test("of an address stand against everybody but those they are for", () => {
    const all = new Reservations();
    all.add(kept(1, "a", 10), "p");
    all.add(kept(1, "b", 20), "p");
    const { address } = kept(1, "", 0);
    deepEqual([all.against("a", address), all.against("b", address)], [undefined, undefined]);
    equal(all.against("c", address)?.service, "a");
    equal(all.against("c", kept(2, "", 0).address), undefined);
    deepEqual([all.isReserved(address), all.isReserved(kept(2, "", 0).address)], [true, false]);
    deepEqual(all.of("b").map(text), ["10.0.0.1 b 20"]);
  });

  test("end in the order of their times, each at its own", () => {
    const all = new Reservations();
    for (const each of [kept(1, "a", 30), kept(2, "b", 10), kept(3, "c", 20)]) all.add(each, "p");
    equal(all.nextEnd, 10);
    equal(all.takeEnded(9), undefined);
    equal(all.takeEnded(10)?.service, "b");
    equal(all.takeEnded(19), undefined);
    equal(all.nextEnd, 20);
    deepEqual(
      [all.takeEnded(99)?.service, all.takeEnded(99)?.service, all.takeEnded(99), all.nextEnd],
      ["c", "a", undefined, undefined],
    );
    equal(all.isReserved(kept(1, "", 0).address), false);
  });

  test("are prolonged, not doubled", () => {
    const all = new Reservations();
    all.add(kept(1, "a", 10), "p");
    all.add(kept(1, "a", 20), "p");
    deepEqual(all.ofPool("p").map(text), ["10.0.0.1 a 20"]);
    equal(all.takeEnded(15), undefined);
  });

  test("stand however many others are removed", () => {
    const all = new Reservations();
    for (const octet of [1, 2, 3, 4]) all.add(kept(octet, `s${octet}`, octet), "p");
    for (const octet of [1, 2, 3]) {
      equal(all.remove(kept(octet, `s${octet}`, 0)), true);
      equal(all.isReserved(kept(octet, "", 0).address), false);
      equal(all.isReserved(kept(4, "", 0).address), true);
    }
  });

  test("end at their times, however often others were prolonged", () => {
    const all = new Reservations();
    all.add(kept(1, "rare", 5_000), "p");
    all.add(kept(2, "elsewhere", 6_000), "q");
    for (let until = 1; until <= 4_000; until++) all.add(kept(3, "often", until), "p");
    equal(all.nextEnd, 4_000);
    deepEqual(
      [1, 2, 3, 4].map(() => all.takeEnded(6_000)?.service),
      ["often", "rare", "elsewhere", undefined],
    );
  });

  test("of one pool are bounded: the oldest gives way, whatever its time", () => {
    const all = new Reservations();
    all.add(kept(0, "first", 1e9), "p");
    all.add(kept(0, "elsewhere", 1e9), "q");
    for (let index = 1; index < reservationsPerPool; index++) equal(all.add(kept(index, "x", index), "p"), undefined);
    equal(all.add(kept(5000, "last", 5), "p")?.service, "first");
    equal(all.ofPool("p").length, reservationsPerPool);
    equal(all.rehome(kept(0, "elsewhere", 0), "p")?.address.bits, 0x0a000001n);
    deepEqual(
      [all.ofPool("p").length, all.ofPool("q").length, all.ofPool("p").at(-1)?.service],
      [reservationsPerPool, 0, "elsewhere"],
    );
  });

  test("say which pools they changed in, once", () => {
    const all = new Reservations();
    all.add(kept(1, "a", 10), "p");
    deepEqual([...all.takeChanged()], ["p"]);
    deepEqual([...all.takeChanged()], []);
    all.rehome(kept(1, "a", 0), "p");
    deepEqual([...all.takeChanged()], [], "it is there already");
    all.rehome(kept(1, "a", 0), "q");
    deepEqual([...all.takeChanged()].sort(), ["p", "q"]);
    equal(all.remove(kept(1, "a", 0)), true);
    deepEqual([...all.takeChanged()], ["q"]);
    equal(all.remove(kept(1, "a", 0)), false);
    deepEqual([...all.takeChanged()], []);
  });

  test("agree with a plain list, through any history", () => {
    const octet = fc.nat(5);
    const service = fc.constantFrom("a", "b", "c");
    const step = fc.oneof(
      fc.tuple(fc.constant("add" as const), octet, service, fc.nat(50)),
      fc.tuple(fc.constant("remove" as const), octet, service, fc.nat(50)),
      fc.tuple(fc.constant("end" as const), octet, service, fc.nat(50)),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const all = new Reservations();
        let model: readonly Reservation[] = [];
        for (const [what, of, name, time] of steps) {
          const each = kept(of, name, time);
          const others = model.filter((known) => known.service !== name || known.address.bits !== each.address.bits);
          if (what === "end") {
            for (let ended = all.takeEnded(time); ended !== undefined; ended = all.takeEnded(time))
              equal(ended.until <= time, true);
            model = model.filter(({ until }) => until > time);
          } else if (what === "add") {
            all.add(each, "p");
            model = [...others, each];
          } else {
            equal(all.remove(each), others.length < model.length);
            model = others;
          }
          deepEqual(all.ofPool("p").map(text), model.map(text));
          equal(all.nextEnd, model.length === 0 ? undefined : Math.min(...model.map(({ until }) => until)));
        }
      }),
      { numRuns: 60 },
    );
  });
});
