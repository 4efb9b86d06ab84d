import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { readMembershipSecret, watchMembershipSecret } from "./secret-file.ts";

async function directory(t: TestContext, content?: string | Uint8Array): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "herald-secret-"));
  t.after(() => rm(path, { recursive: true }));
  if (content !== undefined) await writeFile(join(path, "secretkey"), content);
  return path;
}

test("the Secret is taken octet by octet, line feeds included", async (t) => {
  const octets = Buffer.from(`${"x".repeat(86)}\n${"y".repeat(86)}\n`);
  deepEqual(await readMembershipSecret(await directory(t, octets)), octets);
});

test("no directory means no Secret", async () => {
  equal(await readMembershipSecret(""), undefined);
});

test("a file that is not there is refused with the way out", async (t) => {
  await rejects(readMembershipSecret(await directory(t)), /secretkey cannot be read: mount the membership Secret there/);
});

test("a Secret that can be guessed is refused with the way out", async (t) => {
  await rejects(readMembershipSecret(await directory(t, "short")), /has 5 octets.*delete the Secret/);
});

test("the Secret is read again, and one that cannot be used is complained about once", async (t) => {
  const path = await directory(t, "a".repeat(22));
  const clock = new FakeClock();
  const seen: string[] = [];
  const cancel = watchMembershipSecret({
    directory: path,
    clock,
    onSecret: (octets) => seen.push(Buffer.from(octets).toString()),
    onProblem: (reason) => seen.push(reason.slice(-30)),
  });
  t.after(cancel);
  const look = async (): Promise<void> => {
    clock.tick(10_000);
    while (clock.pending === 0) await wait(1); // the file is read by another thread
  };
  await look();
  await writeFile(join(path, "secretkey"), "short");
  await look();
  await look();
  await writeFile(join(path, "secretkey"), "b".repeat(22));
  await look();
  equal(seen.length, 3);
  deepEqual([seen[0], seen[2]], ["a".repeat(22), "b".repeat(22)]);
});
