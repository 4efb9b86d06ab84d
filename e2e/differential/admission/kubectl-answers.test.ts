import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Kind, Manifest } from "../manifest/manifest.ts";
import { answersOf } from "./kubectl-answers.ts";

function manifest(kind: Kind, name: string): Manifest {
  return { apiVersion: "metallb.io/v1beta1", kind, metadata: { name, namespace: "metallb-system" }, spec: {} };
}

const both = [manifest("IPAddressPool", "a"), manifest("L2Advertisement", "b")];

test("an object that kubectl names was accepted, in whatever way it was written", () => {
  const stdout =
    'ipaddresspool.metallb.io/a replaced (server dry run)\nl2advertisement.metallb.io "b" deleted (server dry run)\n';
  deepEqual(answersOf(both, { stdout, stderr: "" }), [{ accepted: true }, { accepted: true }]);
});

test("messages belong to the objects that were not accepted, in their order, with all their lines", () => {
  const third = manifest("BGPPeer", "c");
  const stdout = "l2advertisement.metallb.io/b created (server dry run)\n";
  const stderr =
    'Error from server (Forbidden): error when creating "STDIN": one\nand more\n' +
    'The BGPPeer "c" is invalid: \n* spec.myASN: too large\n* spec.peerPort: too large\n';
  deepEqual(answersOf([...both, third], { stdout, stderr }), [
    { accepted: false, text: 'Error from server (Forbidden): error when creating "STDIN": one\nand more' },
    { accepted: true },
    { accepted: false, text: 'The BGPPeer "c" is invalid: \n* spec.myASN: too large\n* spec.peerPort: too large' },
  ]);
});

test("what kubectl itself refuses is a message too, and a warning is none", () => {
  const stderr =
    'Warning: metallb.io/v1beta1 BGPPeer is deprecated\nerror: error validating "STDIN": unknown field "x"\nError from server: no\n';
  deepEqual(answersOf(both, { stdout: "", stderr }), [
    { accepted: false, text: 'error: error validating "STDIN": unknown field "x"' },
    { accepted: false, text: "Error from server: no" },
  ]);
});

test("two objects of one name and different kinds are told apart", () => {
  const twins = [manifest("IPAddressPool", "a"), manifest("Community", "a")];
  const said = { stdout: "community.metallb.io/a created\n", stderr: "Error from server: no\n" };
  deepEqual(
    answersOf(twins, said)?.map(({ accepted }) => accepted),
    [false, true],
  );
});

test("there is no answer when messages and objects do not come out even", () => {
  equal(answersOf(both, { stdout: "", stderr: "Error from server: one for both\n" }), undefined);
  equal(answersOf(both, { stdout: "ipaddresspool.metallb.io/stranger created\n", stderr: "" }), undefined);
});
