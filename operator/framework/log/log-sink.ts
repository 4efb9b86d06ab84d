import fs from "node:fs";
import net from "node:net";

/** Writes octets without ever blocking the event loop; `done` is called once, with an error when nothing was written. */
export interface LogSink {
  write(octets: Uint8Array, done: (error?: Error | null) => void): void;
  /** Gives up a write that is under way, so that the process can end. */
  abandon(): void;
}

/**
 * A sink for an open descriptor. Pipes and sockets are written by the event loop when the reader has room: a blocking
 * write in Node's thread pool could not be given up, and the process could not exit. Files are written by the pool.
 */
export function openLogSink(fd: number): LogSink {
  const stat = fs.fstatSync(fd);
  if (!stat.isFIFO() && !stat.isSocket()) {
    return { write: (octets, done) => fs.write(fd, octets, done), abandon: () => {} };
  }
  const socket = new net.Socket({ fd, readable: false, writable: true });
  socket.unref();
  let broken: Error | undefined;
  socket.on("error", (error) => {
    broken = error; // EPIPE: the reader is gone and does not come back
  });
  return {
    write(octets, done) {
      if (broken === undefined) socket.write(octets, done);
      else done(broken);
    },
    abandon: () => socket.destroy(),
  };
}
