import { deepEqual, equal, match, throws } from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { type Address, parseAddress } from "../../../crds/net/address.ts";
import { TcpNetwork } from "../fake/tcp.ts";
import type { TcpAdmission, TcpConnection, TcpConnector, TcpListener, TcpListening, TcpTarget } from "../ports.ts";
import { createTcpConnector } from "./tcp-connector.ts";
import { createTcpListening } from "./tcp-listener.ts";

const after = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
const kernel = { ...createTcpConnector(after), ...createTcpListening(after) };
const memory = (): Host => {
  const network = new TcpNetwork(after);
  return network.host(v4, other, v6);
};

type Host = TcpConnector & TcpListening;
const v4 = address("127.0.0.1");
const other = address("127.0.0.2");
const v6 = address("::1");
const secret = new TextEncoder().encode("s3cret");
const backEnds: readonly { readonly name: string; readonly host: () => Host }[] = [
  { name: "kernel", host: () => kernel },
  { name: "memory", host: memory },
];

for (const { name, host } of backEnds) {
  const contract = (rule: string, body: (bench: Bench) => Promise<void>): void => {
    test(`TCP by the ${name}: ${rule}`, { timeout: 20_000 }, async () => {
      const bench = new Bench(host(), await freePort());
      try {
        await body(bench);
      } finally {
        bench.close();
      }
    });
  };

  for (const [family, own] of Object.entries({ IPv4: v4, IPv6: v6 })) {
    contract(`octets go both ways over ${family}, and each end knows both addresses`, async (bench) => {
      bench.listen([{ remote: own }]);
      const [near, far] = await bench.pair({ remote: bench.end(own) });
      deepEqual([near.remote, far.local], [bench.end(own), bench.end(own)]);
      deepEqual([near.local, near.local.address], [far.remote, own]);
      near.send(Uint8Array.of(1, 2, 3));
      far.send(Uint8Array.of(4));
      deepEqual(await bench.collect(far, 3), Uint8Array.of(1, 2, 3));
      deepEqual(await bench.collect(near, 1), Uint8Array.of(4));
    });

    contract(`a password that both know lets the connection stand over ${family}`, async (bench) => {
      bench.listen([{ remote: own, password: secret }]);
      const [near, far] = await bench.pair({ remote: bench.end(own), password: secret });
      near.send(Uint8Array.of(9));
      deepEqual(await bench.collect(far, 1), Uint8Array.of(9));
    });
  }

  contract("a wrong password is silence, and the sentence asks for it and gives the kernel's count", async (bench) => {
    bench.listen([{ remote: v4, password: secret }]);
    const said = await bench.failure({ remote: bench.end(v4), password: Uint8Array.of(1, 2) });
    match(said, /^timeout: no answer from 127\.0\.0\.1:\d+ \(is the password right\? the kernel counted .* MD5 digest/);
  });

  contract("a password that the other side wants and nobody gave is silence that the sentence explains", async (bench) => {
    bench.listen([{ remote: v4, password: secret }]);
    match(await bench.failure({ remote: bench.end(v4) }), /^timeout: .*does it want a password\? .*without an MD5 digest/);
  });

  contract("a password is replaced while the port stays open", async (bench) => {
    const listener = bench.listen([{ remote: v4, password: secret }]);
    const fresh = Uint8Array.of(7, 7, 7);
    listener.admit([{ remote: v4, password: fresh }]);
    await bench.pair({ remote: bench.end(v4), password: fresh });
    listener.admit([{ remote: v4 }]);
    await bench.pair({ remote: bench.end(v4) });
  });

  contract("a port on which nobody listens refuses", async (bench) => {
    match(await bench.failure({ remote: bench.end(v4) }), /^127\.0\.0\.1:\d+ refuses the connection/);
  });

  contract("a source address that this host does not have is named", async (bench) => {
    bench.listen([{ remote: v4 }]);
    const said = await bench.failure({ remote: bench.end(v4), source: address("192.0.2.77") });
    equal(said, "this node has no address 192.0.2.77: sourceAddress must be one of its own");
  });

  contract("the connection comes from the source address that was asked for", async (bench) => {
    bench.listen([{ remote: other }]);
    const [near, far] = await bench.pair({ remote: bench.end(v4), source: other });
    deepEqual([near.local.address, far.remote.address], [other, other]);
  });

  contract("whoever is not admitted is closed", async (bench) => {
    bench.listen([{ remote: other }]);
    const near = await bench.connected({ remote: bench.end(v4), source: v4 });
    match(await bench.closing(near), /closed the connection|reset the connection/);
  });

  contract("an attempt that was given up says nothing any more", async (bench) => {
    bench.listen([{ remote: v4 }]);
    const said: string[] = [];
    const giveUp = bench.host.connect(bench.target({ remote: bench.end(v4) }), {
      onConnected: () => said.push("connected"),
      onFailed: () => said.push("failed"),
    });
    giveUp();
    await bench.pair({ remote: bench.end(v4) });
    deepEqual(said, []);
  });

  contract("what was sent before closing arrives, and then the other side is told", async (bench) => {
    bench.listen([{ remote: v4 }]);
    const [near, far] = await bench.pair({ remote: bench.end(v4) });
    // Unread octets at the closing end must not turn the end into a reset, which would take the last words along.
    far.send(new Uint8Array(1000));
    near.send(new Uint8Array(300_000).fill(5));
    near.close();
    const { octets, reason } = await bench.drain(far);
    equal(octets, 300_000);
    match(reason, /^127\.0\.0\.1:\d+ closed the connection$/);
  });

  contract("a peer that does not read stops the sender, who is told when there is room again", async (bench) => {
    bench.listen([{ remote: v4 }]);
    const [near, far] = await bench.pair({ remote: bench.end(v4) });
    let drained = 0;
    near.open({ onOctets: () => undefined, onClosed: () => undefined, onDrained: () => (drained += 1) });
    const portion = new Uint8Array(65_536);
    let sent = portion.length;
    while (near.send(portion)) sent += portion.length;
    equal(drained, 0);
    equal((await bench.collect(far, sent)).length, sent);
    equal(drained > 0, true);
  });

  contract("one call of read gives one piece", async (bench) => {
    bench.listen([{ remote: v4 }]);
    const [near, far] = await bench.pair({ remote: bench.end(v4) });
    const pieces: Uint8Array[] = [];
    far.open({ onOctets: (octets) => pieces.push(octets), onDrained: () => undefined, onClosed: () => undefined });
    far.read();
    near.send(new Uint8Array(200_000));
    await new Promise((resolve) => setTimeout(resolve, 50));
    equal(pieces.length, 1);
    equal((pieces[0]?.length ?? 0) <= 65_536, true);
  });

  contract("segments below the minimum TTL do not arrive, those with it do", async (bench) => {
    bench.listen([{ remote: v4, minimumTtl: 255 }]);
    const [lowNear, lowFar] = await bench.pair({ remote: bench.end(v4), ttl: 254 });
    let heard = 0;
    lowFar.open({ onOctets: () => (heard += 1), onDrained: () => undefined, onClosed: () => undefined });
    lowFar.read();
    lowNear.send(Uint8Array.of(1));
    const [near, far] = await bench.pair({ remote: bench.end(v4), ttl: 255, minimumTtl: 255 });
    near.send(Uint8Array.of(2));
    far.send(Uint8Array.of(3));
    deepEqual([await bench.collect(far, 1), await bench.collect(near, 1)], [Uint8Array.of(2), Uint8Array.of(3)]);
    equal(heard, 0);
  });

  contract("a port that another has is said", async (bench) => {
    bench.listen([]);
    throws(() => bench.listen([]), /cannot listen on TCP port \d+: another program has it/);
  });
}

test("a device that does not exist is named", async () => {
  const bench = new Bench(kernel, await freePort());
  equal(await bench.failure({ remote: bench.end(v4), device: "nosuch0" }), "this node has no interface nosuch0");
});

test("a password longer than TCP MD5 takes is refused with its length", async () => {
  const bench = new Bench(kernel, await freePort());
  match(await bench.failure({ remote: bench.end(v4), password: new Uint8Array(81) }), /81 octets: TCP MD5 takes at most 80/);
});

/** Two ends on one host. */
class Bench {
  readonly host: Host;
  readonly #port: number;
  readonly #listeners: TcpListener[] = [];
  readonly #open: TcpConnection[] = [];
  #arrived = Promise.withResolvers<TcpConnection>();

  constructor(host: Host, port: number) {
    this.host = host;
    this.#port = port;
  }

  end(of: Address): { readonly address: Address; readonly port: number } {
    return { address: of, port: this.#port };
  }

  target(part: Omit<TcpTarget, "timeoutMs">): TcpTarget {
    return { timeoutMs: 400, ...part };
  }

  listen(admissions: readonly TcpAdmission[]): TcpListener {
    const listener = this.host.listen(this.#port, (connection) => {
      this.#open.push(connection);
      this.#arrived.resolve(connection);
    });
    this.#listeners.push(listener);
    listener.admit(admissions);
    return listener;
  }

  connected(part: Omit<TcpTarget, "timeoutMs">): Promise<TcpConnection> {
    return new Promise((resolve, reject) => {
      this.host.connect(this.target(part), {
        onConnected: (connection) => {
          this.#open.push(connection);
          resolve(connection);
        },
        onFailed: (reason) => reject(new Error(reason)),
      });
    });
  }

  async pair(part: Omit<TcpTarget, "timeoutMs">): Promise<readonly [TcpConnection, TcpConnection]> {
    this.#arrived = Promise.withResolvers();
    return [await this.connected(part), await this.#arrived.promise];
  }

  failure(part: Omit<TcpTarget, "timeoutMs">): Promise<string> {
    return new Promise((resolve, reject) => {
      this.host.connect(this.target(part), { onConnected: () => reject(new Error("connected")), onFailed: resolve });
    });
  }

  /** Reads `length` octets. */
  collect(connection: TcpConnection, length: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const pieces: Uint8Array[] = [];
      let total = 0;
      connection.open({
        onOctets: (octets) => {
          pieces.push(octets);
          total += octets.length;
          if (total >= length) resolve(new Uint8Array(Buffer.concat(pieces)));
          else connection.read();
        },
        onDrained: () => undefined,
        onClosed: (reason) => reject(new Error(reason)),
      });
      connection.read();
    });
  }

  drain(connection: TcpConnection): Promise<{ readonly octets: number; readonly reason: string }> {
    return new Promise((resolve) => {
      let octets = 0;
      const onOctets = (piece: Uint8Array): void => {
        octets += piece.length;
        connection.read();
      };
      connection.open({ onOctets, onDrained: () => undefined, onClosed: (reason) => resolve({ octets, reason }) });
      connection.read();
    });
  }

  async closing(connection: TcpConnection): Promise<string> {
    return (await this.drain(connection)).reason;
  }

  close(): void {
    for (const connection of this.#open) connection.abort();
    for (const listener of this.#listeners) listener.close();
  }
}

function address(text: string): Address {
  const value = parseAddress(text);
  if (value === undefined) throw new RangeError(text);
  return value;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === "object" && bound !== null ? bound.port : 0));
    });
  });
}
