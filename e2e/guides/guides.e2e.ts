import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { installedLab } from "../installed-cluster.ts";
import type { CommandResult } from "../lab/command.ts";
import { addressesOf, eventOf, givenAddresses } from "../observe.ts";
import { type Guide, guides } from "./expected.ts";

const folder = join(import.meta.dirname, "yaml");

test("the table has every file once", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  notEqual(files.length, 0);
  deepEqual(guides.map(({ file }) => `${file}.yaml`).toSorted(), files.toSorted());
});

describe("the guides' YAML, applied in the guides' order", () => {
  const lab = installedLab();
  const answers = new Map<string, CommandResult>();

  before(async () => {
    for (const { file } of guides)
      answers.set(file, await lab().kubectl(["apply", "-o", "name", "-f", join(folder, `${file}.yaml`)]));
  });

  for (const guide of guides) test(`${guide.file} ${titleOf(guide)}`, () => check(guide, answers.get(guide.file)));

  test("03: a Service that asks for nothing gets an address", async () => {
    equal((await givenAddresses(lab(), "nginx-svc", 1)).length, 1);
  });

  test("38: the old annotation's prefix chooses the pool", async () => {
    match((await givenAddresses(lab(), "nginx", 1))[0] ?? "", /^192\.0\.2\.(1\d|20)$/);
  });

  test("32 and 33: a Service that names a pool which does not exist is told so", async () => {
    for (const name of ["postgresql-primary-lb", "postgresql-readonly-lb"]) {
      await eventOf(lab(), name, "AllocationFailed", "internal-pool");
      deepEqual(await addressesOf(lab(), name), []);
    }
  });

  test("22, 30 and 31: a Service of another class is left alone", async () => {
    for (const name of ["internal-app", "web-frontend-lb", "api-gateway-lb"]) deepEqual(await addressesOf(lab(), name), []);
  });
});

function titleOf({ outcome }: Guide): string {
  switch (outcome.type) {
    case "applies":
      return `applies: ${outcome.objects.join(", ")}`;
    case "refused":
      return `is refused: ${outcome.words[0]}`;
    case "not-an-object":
      return `is no object of this cluster: ${outcome.words[0]}`;
  }
}

function check({ outcome }: Guide, answer: CommandResult | undefined): void {
  ok(answer !== undefined);
  const { code, stdout, stderr } = answer;
  if (outcome.type === "applies") {
    equal(code, 0, stderr);
    deepEqual(stdout.trim().split("\n"), outcome.objects);
    return;
  }
  notEqual(code, 0, `it applied: ${stdout}`);
  for (const words of outcome.words) ok(stderr.includes(words), `"${words}" is not in: ${stderr}`);
}
