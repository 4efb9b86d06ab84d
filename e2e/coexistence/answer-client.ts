import { openArpSocket } from "../arp-socket.ts";
import type { AskedRound } from "./answer-timeline.ts";

/**
 * Runs in the client's namespace: `answer-client.ts EVERY_MS ADDRESS...` asks for every address each EVERY_MS and prints each
 * round with its answers, one JSON line a round, until it is killed. Every round has a sender address of its own, so that a
 * late answer is told from one to the next request.
 */
const [everyMs = "10", ...addresses] = process.argv.slice(2);
/** 172.30.0.101 to .199 of the lab's segment: nobody has them. */
const firstAsker = 101;
const askers = 99;
/** A round is printed when its sender address is about to be used again. */
const openRounds = askers - 9;

type Round = { readonly at: number; readonly answers: Set<string>[] };

const rounds = new Map<number, Round>();
const indexes = new Map(addresses.map((address, index) => [address, index]));
const socket = openArpSocket(({ address, mac, asker }) => {
  const round = rounds.get(Number(asker.slice(asker.lastIndexOf(".") + 1)) - firstAsker);
  round?.answers[indexes.get(address) ?? -1]?.add(mac);
});
const network = socket.address.slice(0, socket.address.lastIndexOf(".") + 1);

let turn = 0;
setInterval(() => {
  print(rounds.get((turn - openRounds + askers) % askers));
  rounds.set(turn, { at: Date.now(), answers: addresses.map(() => new Set()) });
  for (const address of addresses) socket.send(socket.request(address, `${network}${firstAsker + turn}`));
  turn = (turn + 1) % askers;
}, Number(everyMs));

function print(round: Round | undefined): void {
  if (round === undefined) return;
  const asked: AskedRound = { at: round.at, answers: round.answers.map((macs) => [...macs].sort()) };
  process.stdout.write(`${JSON.stringify(asked)}\n`);
}
