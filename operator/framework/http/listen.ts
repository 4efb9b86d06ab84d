import type { Server } from "node:http";
import type { Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";

export type ListeningServer = {
  readonly port: number;
  /** Stops listening and ends all connections. */
  close(): Promise<void>;
};

/**
 * @param host undefined: all addresses of both families, or of IPv4 where the machine has no IPv6.
 * @throws Error when the port is taken or the address is not the machine's.
 */
export async function listen(server: Server | TlsServer, host: string | undefined, port: number): Promise<ListeningServer> {
  try {
    await bind(server, host ?? "::", port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (host !== undefined || (code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL")) throw error;
    await bind(server, "0.0.0.0", port);
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function bind(server: Server | TlsServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, ipv6Only: false }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
