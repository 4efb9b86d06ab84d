import { connect } from "node:net";
import { type ClientLine, servicePort } from "./client-order.ts";
import { monotonicMs } from "./timeline.ts";

type Emit = (line: ClientLine) => void;

/** A connection attempt that has led to nothing after so long has failed. Three tries of the kernel. */
const patienceMs = 4000;
const beatMs = 100;

/** Opens one connection, closes it at once, and tells how that went. */
export function connectOnce(address: string, emit: Emit): void {
  const at = monotonicMs();
  const socket = connect({ host: address, port: servicePort });
  let told = false;
  const tell = (failure: string | null): void => {
    if (told) return;
    told = true;
    clearTimeout(patience);
    socket.destroy();
    emit(["attempt", at, address, monotonicMs() - at, failure]);
  };
  const patience = setTimeout(tell, patienceMs, "no answer");
  socket.on("connect", () => tell(null));
  socket.on("error", ({ message }) => tell(message));
}

/**
 * Keeps one connection in use, a request every 100 ms; when it breaks, or when nothing comes back for {@link patienceMs}, tells
 * so and opens the next.
 */
export function keepOpen(address: string, emit: Emit, isStopping: () => boolean): void {
  const socket = connect({ host: address, port: servicePort });
  let open = false;
  let heardAt = monotonicMs();
  const beat = setInterval(() => {
    if (monotonicMs() - heardAt > patienceMs) socket.destroy(new Error("no answer"));
    else if (open) socket.write(`GET /stay HTTP/1.1\r\nhost: ${address}\r\n\r\n`);
  }, beatMs);
  socket.on("connect", () => {
    open = true;
  });
  socket.on("data", () => {
    heardAt = monotonicMs();
  });
  let why = "closed";
  socket.on("error", ({ message }) => {
    why = message;
  });
  socket.on("close", () => {
    clearInterval(beat);
    if (isStopping()) return;
    if (open) emit(["break", monotonicMs(), address, why]);
    setTimeout(keepOpen, beatMs, address, emit, isStopping);
  });
}
