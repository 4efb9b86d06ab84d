import { deepEqual, rejects } from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { openDatagrams } from "./datagrams.ts";

/** A port that nobody has now, of both addresses. */
async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

for (const [a, b] of [
  ["127.0.0.1", "127.0.0.2"],
  ["::1", "::1"],
] as const)
  test(`a datagram from ${a} arrives at ${b} with the sender's address`, async () => {
    const port = await freePort();
    const arrived = Promise.withResolvers<readonly [string, string]>();
    const common = { port, onClosed: () => undefined };
    const receiver = await openDatagrams({
      ...common,
      address: b,
      onDatagram: (octets, from) => arrived.resolve([Buffer.from(octets).toString(), from]),
    });
    const sender = a === b ? receiver : await openDatagrams({ ...common, address: a, onDatagram: () => undefined });
    sender.send(Buffer.from("hello"), b);
    deepEqual(await arrived.promise, ["hello", a]);
    receiver.close();
    if (sender !== receiver) sender.close();
  });

test("a port that is taken is refused", async () => {
  const port = await freePort();
  const options = { address: "127.0.0.1", port, onDatagram: () => undefined, onClosed: () => undefined };
  const first = await openDatagrams(options);
  await rejects(openDatagrams(options), /EADDRINUSE/);
  first.close();
});

test("sending where there is no way is no error", async () => {
  const port = await freePort();
  const socket = await openDatagrams({ address: "127.0.0.1", port, onDatagram: () => undefined, onClosed: () => undefined });
  socket.send(Buffer.from("x"), "192.0.2.1");
  socket.send(Buffer.from("x"), "2001:db8::1");
  await new Promise((resolve) => setImmediate(resolve));
  socket.close();
});
