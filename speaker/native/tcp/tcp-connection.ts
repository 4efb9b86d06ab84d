import type { Socket } from "node:net";
import { parseAddress } from "../../../crds/net/address.ts";
import type { TcpConnection, TcpEnd, TcpEvents } from "../ports.ts";
import { closingText } from "./tcp-failure.ts";

/** What was queued when a connection is closed has this long to leave. */
const LINGER_MS = 2_000;

/** Runs the callback later, and returns what cancels that. */
export type After = (ms: number, run: () => void) => () => void;

/**
 * An established socket as a port's connection, which owns it from now on. The socket must be paused.
 * @returns undefined when it is dead already.
 */
export function tcpConnection(socket: Socket, after: After): TcpConnection | undefined {
  const local = endOf(() => [socket.localAddress, socket.localPort]);
  const remote = endOf(() => [socket.remoteAddress, socket.remotePort]);
  if (local === undefined || remote === undefined) return undefined;
  socket.setNoDelay(true);
  let events: TcpEvents | undefined;
  let over = false;
  /** Why it ended before somebody listened. */
  let ended: string | undefined;
  const finish = (code?: string): void => {
    if (over) return;
    socket.destroy();
    const reason = closingText(code, remote);
    if (events === undefined) ended ??= reason;
    else {
      over = true;
      events.onClosed(reason);
    }
  };
  socket.on("error", (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  socket.on("end", () => finish());
  socket.on("close", () => finish());
  socket.on("drain", () => {
    if (!over) events?.onDrained();
  });
  socket.on("data", (octets: Buffer) => {
    if (over) return; // read and thrown away: with octets unread, closing would be a reset
    socket.pause();
    events?.onOctets(new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength));
  });
  // To listen for data lets it flow.
  socket.pause();
  return {
    local,
    remote,
    open(to) {
      events = to;
      if (ended === undefined) return;
      over = true;
      const reason = ended;
      queueMicrotask(() => to.onClosed(reason));
    },
    read() {
      if (!over) socket.resume();
    },
    send: (octets) => over || socket.destroyed || socket.write(octets),
    close() {
      if (over) return;
      over = true;
      socket.resume();
      const cancel = after(LINGER_MS, () => socket.destroy());
      socket.once("close", cancel);
      socket.end();
    },
    abort() {
      over = true;
      socket.destroy();
    },
  };
}

function endOf(read: () => readonly [string | undefined, number | undefined]): TcpEnd | undefined {
  try {
    const [text, port] = read();
    const address = parseAddress((text ?? "").replace(/%.*$/, ""));
    return address === undefined || port === undefined ? undefined : { address, port };
  } catch {
    return undefined; // the interface of a link-local address has gone, and Node cannot name it
  }
}
