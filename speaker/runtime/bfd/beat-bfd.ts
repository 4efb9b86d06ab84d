import type { Address } from "../../../crds/net/address.ts";
import type { BfdRequest, LocalFacts } from "../../bfd/session-request.ts";
import { isLinkLocal, octetsOfAddress } from "../../codec/ip-octets.ts";
import { openDatagramSender } from "../../native/datagram-sender.ts";
import { openEchoTap } from "../../native/echo-tap.ts";
import { openGuardedDatagrams } from "../../native/guarded-datagrams.ts";
import { interfaceIndex } from "../../native/libc.ts";
import { isOnLink, neighbourPath, type OwnAddress, ownAddresses } from "../../native/neighbours.ts";
import { sourceAddressTowards } from "../../native/source-address.ts";
import { BfdRunner, type BfdRunnerOptions } from "./bfd-runner.ts";

/** BFD with the machine's own sockets. */
export class BeatBfd {
  readonly #runner: BfdRunner;
  #neighbours: ReadonlyMap<string, Address> = new Map();

  constructor(options: Omit<BfdRunnerOptions, "ports">) {
    this.#runner = new BfdRunner({
      ...options,
      ports: {
        listen: openGuardedDatagrams,
        openSender: openDatagramSender,
        openEcho: openEchoTap,
        neighbourPath,
        interfaceIndex,
        facts: () => localFacts(ownAddresses(), this.#neighbours),
        nextTurn: (then) => setImmediate(then),
        random: Math.random,
      },
    });
  }

  set(requests: readonly BfdRequest[]): void {
    this.#runner.set(requests);
  }

  /** The one neighbour on each interface where one is known. */
  setNeighbours(neighbours: ReadonlyMap<string, Address>): void {
    this.#neighbours = neighbours;
    this.#runner.factsChanged();
  }

  stop(): void {
    this.#runner.stop();
  }
}

function localFacts(own: readonly OwnAddress[], neighbours: ReadonlyMap<string, Address>): LocalFacts {
  return {
    sourceTowards: sourceAddressTowards,
    isConnected: (remote) => isOnLink(remote, own),
    neighbourOn: (name) => {
      const remote = neighbours.get(name);
      const local = own.find(
        ({ interfaceName, address }) => interfaceName === name && isLinkLocal(octetsOfAddress(address)),
      )?.address;
      return remote === undefined || local === undefined ? undefined : { remote, local };
    },
  };
}
