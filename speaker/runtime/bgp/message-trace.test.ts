import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { openMessage } from "../../bgp/fixture/session.ts";
import { MessageTrace } from "./message-trace.ts";

const sent = { connection: 1, direction: "sent", octets: 19 } as const;
const received = { connection: 1, direction: "received", octets: 45 } as const;

test("messages of all kinds are told in their order, each with its time, direction and length", () => {
  let now = 100;
  const trace = new MessageTrace(() => now++);
  trace.note(sent, { type: "keepalive" });
  trace.note(received, { type: "notification", code: 6, subcode: 7, data: new Uint8Array() });
  trace.noteUpdate(sent, { announced: 2, withdrawn: 0 });
  trace.noteFault(received, "update", "it is too short");
  deepEqual(trace.messages(), [
    { ...sent, atMs: 100, type: "keepalive", text: "" },
    { ...received, atMs: 101, type: "notification", text: "6/7 connection collision resolution" },
    { ...sent, atMs: 102, type: "update", text: "2 announced" },
    { ...received, atMs: 103, type: "update", text: "malformed: it is too short" },
  ]);
});

test("however many messages there are, the last ones are kept, and how the session began is not lost among them", () => {
  const trace = new MessageTrace(() => 0);
  for (let i = 0; i < 40; i += 1) trace.note({ ...received, connection: i }, openMessage());
  for (let i = 0; i < 100_000; i += 1) trace.noteUpdate({ ...received, octets: i }, { announced: 1, withdrawn: 0 });
  const messages = trace.messages();
  equal(messages.length, MessageTrace.kept.turningPoints + MessageTrace.kept.others);
  deepEqual([messages[0]?.type, messages[0]?.connection, messages.at(-1)?.octets], ["open", 8, 99_999]);
});
