import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { compiled, peer } from "../fixture/objects.ts";

/** What a peer with the annotation means, and what is said of it. */
function annotated(name: string, text: string) {
  const { snapshot, findings } = compiled({ bgpPeers: [peer("p", {}, { annotations: { [`herald-lb.io/${name}`]: text } })] });
  const { passive, ttlSecurityHops } = snapshot.peerByName.get("p") ?? {};
  return { is: [passive, ttlSecurityHops], said: findings.map(({ severity, message }) => `${severity} ${message}`) };
}

const read = [
  { name: "passive", text: "true", is: [true, undefined] },
  { name: "passive", text: "false", is: [undefined, undefined] },
  { name: "ttl-security", text: "1", is: [undefined, 1] },
  { name: "ttl-security", text: "254", is: [undefined, 254] },
];
for (const { name, text, is } of read)
  test(`${name} ${text} is understood`, () => {
    deepEqual(annotated(name, text), { is, said: [] });
  });

const unread = [
  { name: "passive", texts: ["", "yes", "True"], says: /warning .*neither true nor false.*write one of them/ },
  { name: "ttl-security", texts: ["", "0", "255", "1.5", "-1", "01", "one"], says: /warning .*from 1 to 254.*write 1/ },
];
for (const { name, texts, says } of unread)
  for (const text of texts)
    test(`${name} "${text}" counts as not there, with a warning, and the peer stays in service`, () => {
      const { is, said } = annotated(name, text);
      deepEqual(is, [undefined, undefined]);
      match(said.join("; "), says);
    });
