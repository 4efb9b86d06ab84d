import { existsSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { askBird } from "../routers/bird/bird-control.ts";
import type { BfdGround } from "./bfd-ground.ts";

/** Whom a router speaks BFD with, and how. */
export type RouterPeer = { readonly address: string; readonly intervalMs: number; readonly echo?: boolean };

export interface Router {
  readonly name: string;
  /** Why it cannot run here. */
  readonly missing: string | undefined;
  start(ground: BfdGround, peers: readonly RouterPeer[]): Promise<void>;
  /** Its own words on the session. */
  state(ground: BfdGround, address: string): Promise<"up" | "down">;
}

const frrDirectory = "/usr/lib/frr";

/** FRR's bfdd with the zebra that it needs. */
export const frr: Router = {
  name: "FRR",
  missing: existsSync(`${frrDirectory}/bfdd`) ? undefined : "needs Debian's package frr",
  async start(ground, peers) {
    const config = await ground.file(
      "bfdd.conf",
      `bfd\n${peers.map((peer) => ` peer ${peer.address}${localOf(peer)}\n${frrPeer(peer)}`).join("")}`,
    );
    const empty = await ground.file("zebra.conf", "");
    const common = ["-z", `${ground.directory}/zserv`, "--vty_socket", ground.directory];
    ground.daemon(`${frrDirectory}/zebra`, ...common, "-i", `${ground.directory}/zebra.pid`, "-f", empty);
    await until(() => existsSync(`${ground.directory}/zserv`));
    const own = ["-i", `${ground.directory}/bfdd.pid`, "-f", config, "--bfdctl", `${ground.directory}/bfdd.ctl`];
    ground.daemon(`${frrDirectory}/bfdd`, ...common, ...own);
    await until(() => existsSync(`${ground.directory}/bfdd.vty`));
  },
  async state(ground, address) {
    const peers = await askFrr<{ readonly peer: string; readonly status: string }>(ground, "show bfd peers json");
    return peers.find(({ peer }) => peer === address)?.status === "up" ? "up" : "down";
  },
};

type FrrCounters = { readonly peer: string; readonly "echo-packet-input": number; readonly "echo-packet-output": number };

/** What FRR has counted of its echo packets with one peer. */
export async function frrEchoes(
  ground: BfdGround,
  address: string,
): Promise<{ readonly sent: number; readonly returned: number }> {
  const counters = await askFrr<FrrCounters>(ground, "show bfd peers counters json");
  const found = counters.find(({ peer }) => peer === address);
  return { sent: found?.["echo-packet-output"] ?? 0, returned: found?.["echo-packet-input"] ?? 0 };
}

/** Lines that begin with a percent sign are FRR's warnings. */
async function askFrr<Row>(ground: BfdGround, command: string): Promise<readonly Row[]> {
  const text = await ground.onRouter("vtysh", "--vty_socket", ground.directory, "-c", command);
  return JSON.parse(text.replace(/^% .*\n/gm, ""));
}

/** BIRD, which neither sends nor returns echo packets. */
export const bird: Router = {
  name: "BIRD",
  missing: existsSync("/usr/sbin/bird") ? undefined : "needs Debian's package bird2",
  async start(ground, peers) {
    const intervalMs = peers[0]?.intervalMs ?? 300;
    const neighbours = peers.map(({ address }) => `neighbor ${address} dev "vb" local ${routerAddress(address)};`).join(" ");
    const times = `min rx interval ${intervalMs} ms; min tx interval ${intervalMs} ms; multiplier 3;`;
    const config = await ground.file(
      "bird.conf",
      `router id 192.0.2.2;\nprotocol device {}\nprotocol bfd { interface "vb" { ${times} }; ${neighbours} }\n`,
    );
    ground.daemon("/usr/sbin/bird", "-f", "-c", config, "-s", `${ground.directory}/bird.ctl`);
    await until(() => existsSync(`${ground.directory}/bird.ctl`));
  },
  async state(ground, address) {
    const { text } = await askBird(`${ground.directory}/bird.ctl`, "show bfd sessions");
    const line = text.split("\n").find((row) => row.startsWith(`${address} `));
    return line !== undefined && /\bUp\b/.test(line) ? "up" : "down";
  },
};

function routerAddress(peer: string): string {
  return peer.includes(":") ? "2001:db8::2" : "192.0.2.2";
}

function localOf({ address }: RouterPeer): string {
  return address.includes(":") ? ` local-address ${routerAddress(address)} interface vb` : "";
}

function frrPeer({ intervalMs, echo = false }: RouterPeer): string {
  const times = `  receive-interval ${intervalMs}\n  transmit-interval ${intervalMs}\n`;
  return `${times}${echo ? "  echo transmit-interval 50\n  echo receive-interval 50\n  echo-mode\n" : ""}  no shutdown\n`;
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !holds(); i += 1) await wait(10);
  if (!holds()) throw new Error("a router did not start within 10 s");
}
