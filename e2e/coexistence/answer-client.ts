import { formatAddress } from "../../crds/net/address.ts";
import { openArpSocket } from "../arp-socket.ts";
import type { AskedRound } from "./answer-timeline.ts";

/**
 * Runs in the client's namespace: `answer-client.ts EVERY_MS ADDRESS...` asks for every address each EVERY_MS and prints each
 * round with its answers, one JSON line a round, until it is killed. Every round has a sender address of its own, so that a late
 * answer is told from one to the next request, and an announcement to who asked long ago from an answer.
 */
const [everyMs = "10", ...addresses] = process.argv.slice(2);
/** 198.18.0.0/15, for benchmarks (RFC 2544): nobody has one of these. */
const firstAsker = 0xc612_0000;
const askers = 1 << 17;
/** A round is printed so many rounds later. */
const openRounds = 90;

type Round = { readonly at: number; readonly answers: readonly Set<string>[] };

const rounds = new Map<string, Round>();
const indexes = new Map(addresses.map((address, index) => [address, index]));
const socket = openArpSocket(({ address, mac, asker }) => {
  rounds.get(asker)?.answers[indexes.get(address) ?? -1]?.add(mac);
});

/** Other ones than a client before this one had: it goes on with the clock. */
let turn = Math.floor(Date.now() / Number(everyMs)) % askers;
setInterval(() => {
  const sender = asker(turn);
  rounds.set(sender, { at: Date.now(), answers: addresses.map(() => new Set()) });
  for (const address of addresses) socket.send(socket.request(address, sender));
  print(asker((turn - openRounds + askers) % askers));
  turn = (turn + 1) % askers;
}, Number(everyMs));

function asker(turn: number): string {
  return formatAddress({ family: "IPv4", bits: BigInt(firstAsker + turn) });
}

function print(sender: string): void {
  const round = rounds.get(sender);
  if (round === undefined) return;
  rounds.delete(sender);
  const asked: AskedRound = { at: round.at, answers: round.answers.map((macs) => [...macs].sort()) };
  process.stdout.write(`${JSON.stringify(asked)}\n`);
}
