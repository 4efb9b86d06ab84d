import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";

/** A UDP socket that is bound. Sending never blocks and never fails: what the kernel refuses is lost, as on the network. */
export interface Datagrams {
  send(octets: Uint8Array, address: string): void;
  close(): void;
}

export type DatagramOptions = {
  /** Own address, and the port of both ends. */
  readonly address: string;
  readonly port: number;
  /** @param from the sender's address as text. */
  readonly onDatagram: (octets: Uint8Array, from: string) => void;
  /** The socket is dead and has closed itself. */
  readonly onClosed: (reason: string) => void;
};

/** @throws Error when the address and port cannot be bound. */
export async function openDatagrams({ address, port, onDatagram, onClosed }: DatagramOptions): Promise<Datagrams> {
  const family = isIPv6(address) ? 6 : 4;
  // Targets are addresses, so that there is nothing to look up, and a packet leaves in the turn in which it is sent.
  const lookup = (host: string, _: unknown, found: (error: null, address: string, family: number) => void): void =>
    found(null, host, family);
  const socket = createSocket({ type: family === 6 ? "udp6" : "udp4", lookup });
  await bound(socket, address, port);
  socket.on("message", (octets, { address: from }) => onDatagram(octets, from));
  socket.on("error", (error) => {
    socket.close();
    onClosed(error.message);
  });
  return {
    send: (octets, to) => socket.send(octets, port, to, ignoreFailure),
    close: () => socket.close(),
  };
}

function bound(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeListener("error", reject);
      resolve();
    });
  });
}

function ignoreFailure(): void {
  // No route, a filter, a full buffer: the protocol lives with packets that are lost.
}
