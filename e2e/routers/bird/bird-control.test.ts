import { deepEqual, rejects } from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { askBird } from "./bird-control.ts";

/** A BIRD that greets and says this to each question, cut into pieces; undefined: it hangs up. */
async function birdThatSays(t: TestContext, answer: string | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bird-"));
  const server = createServer((socket) => {
    socket.write("0001 BIRD 2.0.12 ready.\n");
    socket.on("data", () => {
      if (answer === undefined) socket.end();
      else for (const piece of answer.match(/[\s\S]{1,7}/g) ?? []) socket.write(piece);
    });
  });
  const path = join(folder, "bird.ctl");
  server.listen(path);
  await once(server, "listening");
  t.after(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });
  return path;
}

test("codes are left out of an answer, and so is the line that only ends it", async (t) => {
  const path = await birdThatSays(
    t,
    "2002-Name  Proto  Table\n1002-n1    BGP    ---\n1006-  BGP state:  Established\n   Hold timer: 90\n0000 \n",
  );
  deepEqual(await askBird(path, "show protocols all"), {
    text: "Name  Proto  Table\nn1    BGP    ---\n  BGP state:  Established\n  Hold timer: 90\n",
    failed: false,
  });
});

test("what BIRD cannot do is told with its words", async (t) => {
  deepEqual(await askBird(await birdThatSays(t, "8001 Network not found\n"), "show route"), {
    text: "Network not found\n",
    failed: true,
  });
});

test("a connection that ends early is an error", async (t) => {
  await rejects(askBird(await birdThatSays(t, undefined), "show status"), /ended the connection/);
});

test("where nobody listens there is an error", async () => {
  await rejects(askBird("/nonexistent/bird.ctl", "show status"), /ENOENT/);
});
