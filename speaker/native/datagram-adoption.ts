import type { Socket } from "node:dgram";
import { closeDescriptor } from "./libc.ts";

/** The socket owns the descriptor, which is bound, from now on, and reads it. @throws Error and has then closed it. */
export function adoptDatagrams(socket: Socket, fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => {
      closeDescriptor(fd);
      reject(error);
    });
    socket.bind({ fd }, () => {
      socket.removeAllListeners("error");
      resolve();
    });
  });
}
