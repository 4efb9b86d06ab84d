import { deepEqual, rejects } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readExclusion } from "./exclusion-file.ts";

async function excluded(text: string | undefined, names: readonly string[]): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), "herald-exclusion-"));
  const path = join(directory, "excludel2.yaml");
  try {
    if (text !== undefined) await writeFile(path, text);
    return names.filter(await readExclusion(path));
  } finally {
    await rm(directory, { recursive: true });
  }
}

const names = ["eth0", "docker0", "lo", "lowpan0", "veth12"];

test("interfaces that a pattern matches anywhere in the name are excluded", async () => {
  deepEqual(await excluded('announcedInterfacesToExclude: ["^docker.*", "^lo$", "eth1"]\n', names), ["docker0", "lo", "veth12"]);
});

test("no file, an empty file and an empty list exclude nothing", async () => {
  for (const text of [undefined, "", "announcedInterfacesToExclude:\n", "announcedInterfacesToExclude: []\n", "{}"]) {
    deepEqual(await excluded(text, names), []);
  }
});

test("a file that cannot be understood is an error that names it", async () => {
  await rejects(
    excluded("announcedInterfacesToExclude: docker", names),
    /excludel2.yaml: announcedInterfacesToExclude must be a list/,
  );
  await rejects(excluded('announcedInterfacesToExclude: ["("]', names), /excludel2.yaml: .*RE2 cannot read/);
  await rejects(excluded("a: [", names), /excludel2.yaml, line 1: /);
});
