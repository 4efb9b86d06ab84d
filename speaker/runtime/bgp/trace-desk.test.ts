import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import type { TracedMessage } from "./message-trace.ts";
import { TraceDesk } from "./trace-desk.ts";

const message = (octets: number): TracedMessage => {
  return { atMs: 0, connection: 1, direction: "sent", type: "keepalive", octets, text: "" };
};

test("each question gets its own answer, in whatever order they come", async () => {
  const asked: (readonly [number, string])[] = [];
  const desk = new TraceDesk(new FakeClock(), (question, peer) => asked.push([question, peer]));
  const answers = [desk.ask("a"), desk.ask("b")];
  for (const [question] of [...asked].reverse()) desk.answer({ question, messages: [message(question)] });
  deepEqual(
    (await Promise.all(answers)).map((messages) => messages?.[0]?.octets),
    asked.map(([question]) => question),
  );
  deepEqual(
    asked.map(([, peer]) => peer),
    ["a", "b"],
  );
});

test("where no answer comes, that is the answer, and a late one is for nobody", async () => {
  const clock = new FakeClock();
  let last = 0;
  const desk = new TraceDesk(clock, (question) => {
    last = question;
  });
  const answer = desk.ask("a");
  await clock.advance(2_000);
  equal(await answer, undefined);
  desk.answer({ question: last, messages: [] });
});
