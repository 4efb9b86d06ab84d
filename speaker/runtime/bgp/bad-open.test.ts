import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import type { SessionConfig } from "../../bgp/session/session-config.ts";
import { setUpBgp } from "../fake/bgp-world.ts";

const marker = "ff".repeat(16);

/** Hexadecimal digits of one message. */
function message(type: number, body: string): string {
  const length = 19 + body.length / 2;
  return `${marker}${length.toString(16).padStart(4, "0")}${type.toString(16).padStart(2, "0")}${body}`;
}

/** The fields of an OPEN as they stand in the message; what is not said is as the node wants it. */
function open(fields: { version?: string; as?: string; hold?: string; identifier?: string; parameters?: string } = {}): string {
  const { version = "04", as = "fc01", hold = "00b4", identifier = "0a000002", parameters = "0206010400010001" } = fields;
  return message(1, version + as + hold + identifier + (parameters.length / 2).toString(16).padStart(2, "0") + parameters);
}

const internal: Partial<SessionConfig> = { remoteAS: "internal" };
const refused = "refused 10.0.0.2: ";

type Case = {
  readonly name: string;
  readonly answer: string;
  readonly config?: Partial<SessionConfig>;
  /** Code, subcode and data of what the router hears. */
  readonly told: string;
  readonly words: string | RegExp;
};

const cases: readonly Case[] = [
  { name: "another version", answer: open({ version: "03" }), told: "2/1 0004", words: /^refused .*version.* is 3, not 4/ },
  {
    name: "another AS",
    answer: open({ as: "fc02" }),
    told: "2/2 ",
    words: `${refused}bad peer AS, expected 64513, but it is 64514`,
  },
  { name: "AS 0", answer: open({ as: "0000" }), told: "2/2 ", words: `${refused}bad peer AS, expected 64513, but it is 0` },
  {
    name: "another AS of four octets",
    answer: open({ as: "5ba0", parameters: "0206410400010000" }),
    told: "2/2 ",
    words: `${refused}bad peer AS, expected 64513, but it is 65536`,
  },
  {
    name: "two different AS numbers",
    answer: open({ parameters: "020641040000fc02" }),
    told: "2/2 ",
    words: `${refused}bad peer AS, expected 64513, but it is 64513 in one place and 64514 in another`,
  },
  {
    name: "identifier 0",
    answer: open({ identifier: "00000000" }),
    told: "2/3 ",
    words: `${refused}bad BGP identifier: it is 0`,
  },
  {
    name: "our own identifier in our own AS",
    answer: open({ as: "fc00", identifier: "0a000001" }),
    config: internal,
    told: "2/3 ",
    words: `${refused}bad BGP identifier: it is the same as ours, in the same AS: set routerID`,
  },
  { name: "a hold time of 1 s", answer: open({ hold: "0001" }), told: "2/6 ", words: `${refused}unacceptable hold time of 1 s` },
  { name: "a hold time of 2 s", answer: open({ hold: "0002" }), told: "2/6 ", words: `${refused}unacceptable hold time of 2 s` },
  {
    name: "an unknown optional parameter",
    answer: open({ parameters: "010100" }),
    told: "2/4 ",
    words: /parameter type.* 1 is not supported/,
  },
  {
    name: "no family of ours",
    answer: open({ parameters: "0206010400020001" }),
    told: "2/7 010400010001",
    words: `${refused}unsupported capability: the peer does not speak IPv4 on this session`,
  },
  {
    name: "a capability that reaches over its parameter",
    answer: open({ parameters: "0203410400" }),
    told: "2/0 ",
    words: /capability 65/,
  },
  {
    name: "an AS number of three octets",
    answer: open({ parameters: "02054103000000" }),
    told: "2/0 ",
    words: /capability 65.*has 3 octets, not 4/,
  },
  {
    name: "parameters that are longer than the message",
    answer: message(1, "04fc0100b40a00000209"),
    told: "2/0 ",
    words: /parameters' length.* is 9, 0 octets are left/,
  },
  { name: "an OPEN that is too short", answer: message(1, "04fc0100b40a0000"), told: "1/2 001b", words: /27/ },
  { name: "a message of another type", answer: message(9, ""), told: "1/3 09", words: /type/ },
  { name: "no marker", answer: `00${open().slice(2)}`, told: "1/1 ", words: /marker/ },
  {
    name: "a KEEPALIVE in place of an OPEN",
    answer: message(4, ""),
    told: "5/1 04",
    words: `${refused}an unexpected KEEPALIVE in OpenSent`,
  },
  { name: "two OPENs", answer: open() + open(), told: "5/2 01", words: `${refused}an unexpected OPEN in OpenConfirm` },
];

for (const { name, answer, config = {}, told, words } of cases)
  test(`a router that sends ${name} is told ${told.trim()}, and it is said in words`, async () => {
    const world = setUpBgp(config);
    world.router.answer = Buffer.from(answer, "hex");
    await world.established();
    deepEqual(
      world.router.refusals.map(({ code, subcode, data }) => `${code}/${subcode} ${Buffer.from(data).toString("hex")}`),
      [told],
    );
    const { state, lastError = "" } = world.session.facts();
    equal(state, "Idle");
    if (typeof words === "string") equal(lastError, words);
    else match(lastError, words);
    match(lastError, /^refused 10\.0\.0\.2: /);
  });

const rejections: readonly { readonly body: string; readonly words: string }[] = [
  { body: "02010004", words: "unsupported version number, the highest it speaks is 4 (code 2/1, data 0004)" },
  { body: "0202", words: "bad peer AS (code 2/2)" },
  { body: "0202fc00", words: "bad peer AS 64512 (code 2/2, data fc00)" },
  { body: "02020000fc00", words: "bad peer AS 64512 (code 2/2, data 0000fc00)" },
  { body: "0203", words: "bad BGP identifier (code 2/3)" },
  { body: "0205", words: "authentication failure (code 2/5)" },
  { body: "0206005a", words: "unacceptable hold time of 90 s (code 2/6, data 005a)" },
  { body: "0207010400020001", words: "unsupported capability: it wants IPv6 unicast (code 2/7, data 010400020001)" },
  { body: "06020900", words: "administrative shutdown (code 6/2, data 0900)" },
  { body: "0602076261636b20736f", words: 'administrative shutdown: "back so" (code 6/2, data 076261636b20736f)' },
  { body: "0605", words: "connection rejected (code 6/5)" },
  { body: "0607", words: "connection collision resolution (code 6/7)" },
];

for (const { body, words } of rejections)
  test(`a router that refuses us is quoted: ${words}`, async () => {
    const world = setUpBgp();
    world.router.answer = Buffer.from(message(3, body), "hex");
    await world.established();
    equal(world.session.facts().lastError, `10.0.0.2 refused: ${words}`);
    deepEqual(world.router.refusals, []);
  });
