import { Socket } from "node:net";
import { formatAddress } from "../../../crds/net/address.ts";
import { closeDescriptor, linux, openSocket } from "../libc.ts";
import type { TcpConnector, TcpOutcome, TcpTarget } from "../ports.ts";
import { md5Trouble, readMd5Counters } from "./md5-counters.ts";
import { type After, tcpConnection } from "./tcp-connection.ts";
import { failureText } from "./tcp-failure.ts";
import { applyTcpOptions } from "./tcp-options.ts";

/** Connections by the kernel. */
export function createTcpConnector(after: After): TcpConnector {
  return { connect: (target, outcome) => connect(target, outcome, after) };
}

function connect(target: TcpTarget, { onConnected, onFailed }: TcpOutcome, after: After): () => void {
  const { remote, source, timeoutMs } = target;
  let over = false;
  let socket: Socket;
  try {
    socket = preparedSocket(target);
  } catch (error) {
    setImmediate(() => {
      if (!over) onFailed(textOf(error));
    });
    return () => {
      over = true;
    };
  }
  const counted = readMd5Counters();
  const failed = (code: string): void => {
    if (over) return;
    end();
    const md5 = code === "ETIMEDOUT" ? md5Trouble(counted, readMd5Counters()) : "";
    onFailed(failureText(code, target, md5));
  };
  const cancelTimeout = after(timeoutMs, () => failed("ETIMEDOUT"));
  const end = (): void => {
    over = true;
    cancelTimeout();
    socket.destroy();
  };
  const onError = (error: NodeJS.ErrnoException): void => failed(error.code ?? error.message);
  socket.on("error", onError);
  socket.connect({
    host: formatAddress(remote.address),
    port: remote.port,
    ...(source !== undefined && { localAddress: formatAddress(source) }),
  });
  socket.once("connect", () => {
    if (over) return;
    const connection = tcpConnection(socket, after);
    if (connection === undefined) return failed("ECONNRESET");
    over = true;
    cancelTimeout();
    socket.removeListener("error", onError);
    onConnected(connection);
  });
  return () => {
    if (!over) end();
  };
}

/** The kernel's part is the descriptor with its options; binding, connecting and their errors are Node's. */
function preparedSocket(target: TcpTarget): Socket {
  const { address } = target.remote;
  const fd = openSocket(address.family === "IPv4" ? linux.AF_INET : linux.AF_INET6, linux.SOCK_STREAM, 0);
  try {
    applyTcpOptions(fd, address, target);
    const options = { fd, readable: true, writable: true, manualStart: true };
    return new Socket(options);
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${textOf(error.cause)}`;
}
