import { Socket } from "node:net";
import { attachFilter, type BpfInstruction, closeDescriptor, duplicateOnto, SystemError, sendNow, socketPair } from "./libc.ts";

/** A descriptor of any socket family that Node's event loop reads, or of a timer. */
export interface AdoptedSocket {
  /** Valid until it is closed. */
  readonly descriptor: number;
  /** @returns undefined when the kernel took the octets, else the symbolic errno. */
  send(octets: Uint8Array): string | undefined;
  /** Replaces the filter by this classic BPF program. @returns false when the kernel refuses it: the former one stays. */
  filter(program: readonly BpfInstruction[]): boolean;
  /** Frees the descriptor; no callback is called afterwards. */
  close(): void;
}

export type AdoptedSocketEvents = {
  /** One read: for packet sockets one packet. The octets are the callee's own. */
  readonly onOctets: (octets: Uint8Array) => void;
  /** The socket failed with this errno (ENETDOWN, ENOBUFS, ...) and has been closed. */
  readonly onFailed: (code: string) => void;
};

/**
 * Hands `fd` to the event loop and takes it over: the caller must not close it.
 *
 * Node refuses descriptors of families that it does not know. So a socket is made for one end of a socket pair, and
 * that end is replaced at once by `fd`: libuv registers a descriptor with epoll only in the next turn of its loop, and
 * so never sees the end that was there first. The contract tests of the taps and of the link monitor fail if a Node
 * release changes this.
 *
 * @param fd non-blocking.
 * @param maxOctets size of the largest read; longer packets are cut.
 * @throws {SystemError} and has then closed `fd`.
 */
export function adoptSocket(fd: number, maxOctets: number, events: AdoptedSocketEvents): AdoptedSocket {
  const { socket, own } = stoppedSocket(fd, maxOctets, events);
  try {
    duplicateOnto(fd, own);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    closeDescriptor(fd);
  }
  let closed = false;
  const close = (): void => {
    closed = true;
    socket.destroy();
  };
  const failed = (code: string): void => {
    if (closed) return;
    close();
    events.onFailed(code);
  };
  socket.on("error", (error: NodeJS.ErrnoException) => failed(error.code ?? error.message));
  socket.on("close", () => failed("closed"));
  socket.resume();
  const filter = (program: readonly BpfInstruction[]): boolean => {
    try {
      if (!closed) attachFilter(own, program);
      return true;
    } catch (error) {
      if (error instanceof SystemError) return false;
      throw error;
    }
  };
  return { descriptor: own, send: (octets) => (closed ? "EBADF" : sendNow(own, octets)), filter, close };
}

function stoppedSocket(
  fd: number,
  maxOctets: number,
  events: AdoptedSocketEvents,
): { readonly socket: Socket; readonly own: number } {
  let pair: readonly [number, number];
  try {
    pair = socketPair();
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
  const [own, other] = pair;
  closeDescriptor(other);
  const options = {
    fd: own,
    readable: true,
    writable: true,
    manualStart: true,
    // One fixed buffer: a busy segment makes no garbage but the copies.
    onread: {
      buffer: new Uint8Array(maxOctets),
      callback: (length: number, buffer: Uint8Array): boolean => {
        events.onOctets(buffer.slice(0, length));
        return true;
      },
    },
  };
  const socket = new Socket(options);
  return { socket, own };
}
