import { formatAddress } from "../../../crds/net/address.ts";
import type { TcpEnd, TcpTarget } from "../ports.ts";

/** `192.0.2.1:179` or `[2001:db8::1]:179`. */
export function formatEnd({ address, port }: TcpEnd): string {
  const text = formatAddress(address);
  return address.family === "IPv4" ? `${text}:${port}` : `[${text}]:${port}`;
}

/**
 * Why a connection could not be made, for the operator.
 * @param code the symbolic errno; ETIMEDOUT also where nobody waited any longer.
 * @param md5 what the kernel says of digests meanwhile; empty: nothing.
 */
export function failureText(code: string, target: TcpTarget, md5: string): string {
  const { remote, source, password } = target;
  const end = formatEnd(remote);
  const host = formatAddress(remote.address);
  switch (code) {
    case "ETIMEDOUT": {
      const question = password === undefined ? (md5 === "" ? "" : "does it want a password?") : "is the password right?";
      const hints = [question, md5].filter((hint) => hint !== "").join(" ");
      return `timeout: no answer from ${end}${hints === "" ? "" : ` (${hints})`}`;
    }
    case "ECONNREFUSED":
      return `${end} refuses the connection: is the router's BGP running, and is this node among its neighbours?`;
    case "EADDRNOTAVAIL":
      if (source === undefined) return `this node has no address from which ${host} could be reached`;
      return `this node has no address ${formatAddress(source)}: sourceAddress must be one of its own`;
    case "ENETUNREACH":
      return `this node has no route to ${host}`;
    case "EHOSTUNREACH":
      return `${host} does not answer on the network, or a router on the way knows no route to it`;
    default:
      return `the connection to ${end} failed: ${code}`;
  }
}

/** How a connection that stood has ended. @param code the symbolic errno; undefined: the other side closed it. */
export function closingText(code: string | undefined, remote: TcpEnd): string {
  if (code === undefined) return `${formatEnd(remote)} closed the connection`;
  if (code === "ECONNRESET") return `${formatEnd(remote)} reset the connection`;
  if (code === "ETIMEDOUT") return `${formatEnd(remote)} no longer acknowledges what is sent`;
  return `the connection to ${formatEnd(remote)} broke: ${code}`;
}
