import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { type Claim, claimLimit } from "./claim.ts";
import { decidePool } from "./pool-admission.ts";
import type { AdmissionRequest } from "./request.ts";

const namespace = "metallb-system";
const now = Date.UTC(2026, 0, 1);

function pool(name: string, addresses: readonly string[], generation = 1) {
  return { metadata: { name, namespace, uid: `uid-${name}`, generation }, spec: { addresses, avoidBuggyIPs: true } };
}

function write(object: ReturnType<typeof pool>, changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const operation = object.metadata.generation === 1 ? "CREATE" : "UPDATE";
  const { name } = object.metadata;
  return {
    uid: `ask-${name}`,
    kind: "IPAddressPool",
    operation,
    namespace,
    name,
    object,
    oldObject: undefined,
    dryRun: false,
    ...changes,
  };
}

function claimOn(name: string, addresses: readonly string[], changes: Partial<Claim> = {}): Claim {
  return {
    id: `r-${name}`,
    pool: name,
    uid: `uid-${name}`,
    generation: 1,
    operation: "CREATE",
    addresses,
    answeredAt: now,
    ...changes,
  };
}

function decide(request: AdmissionRequest, claims: readonly Claim[] = [], pools: readonly unknown[] = []) {
  return decidePool(request, { namespace, backend: "herald" }, { claims, pools }, now);
}

function reasons({ verdict }: ReturnType<typeof decide>): string {
  return verdict.allowed ? "" : verdict.reasons.join("\n");
}

test("an allowed creation is recorded with all that is needed to recognise it", () => {
  const decision = decide(write(pool("a", ["10.0.0.0/24", "fc00::1-fc00::9"])));
  equal(decision.verdict.allowed, true);
  deepEqual(decision.record, [claimOn("a", ["10.0.0.0/24", "fc00::1-fc00::9"], { id: "ask-a" })]);
});

test("a claimed pool denies like a stored one, names itself and says when to try again", () => {
  const decision = decide(write(pool("b", ["10.0.0.64/26"])), [claimOn("a", ["10.0.0.0/24"])]);
  equal(decision.mayChange, true);
  match(reasons(decision), /"10\.0\.0\.64\/26" in pool "b" overlaps with already defined CIDR "10\.0\.0\.0\/24" in pool "a"/);
  match(reasons(decision), /pool "a" was admitted a moment ago.*try again in 60 s/);
});

test("a stored overlap is final, whatever is claimed", () => {
  const decision = decide(write(pool("b", ["10.0.0.0/24"])), [claimOn("c", ["10.0.0.0/24"])], [pool("a", ["10.0.0.0/25"])]);
  equal(decision.mayChange, false);
  equal(decision.verdict.allowed, false);
});

test("claims on other addresses stay recorded, settled ones are dropped", () => {
  const claims = [claimOn("stored", ["10.1.0.0/24"]), claimOn("pending", ["10.2.0.0/24"])];
  const decision = decide(write(pool("b", ["10.0.0.0/24"])), claims, [pool("stored", ["10.1.0.0/24"])]);
  deepEqual(
    decision.record?.map((claim) => claim.pool),
    ["pending", "b"],
  );
});

test("an earlier claim of the same pool is no obstacle: the client tries again", () => {
  const decision = decide(write(pool("a", ["10.0.0.0/24"])), [claimOn("a", ["10.0.0.0/24"])]);
  equal(decision.verdict.allowed, true);
});

test("an earlier claim of the same pool excuses no overlap with a stored one", () => {
  const decision = decide(write(pool("a", ["10.0.0.0/24"])), [claimOn("a", ["10.0.0.0/24"])], [pool("b", ["10.0.0.0/24"])]);
  equal(decision.verdict.allowed, false);
});

test("a growing update claims its addresses, and they are denied to others", () => {
  const grown = write(pool("a", ["10.0.0.0/24", "10.0.2.0/24"], 2));
  const { record = [] } = decide(grown, [], [pool("a", ["10.0.0.0/24"])]);
  const decision = decide(write(pool("b", ["10.0.2.128/25"])), record, [pool("a", ["10.0.0.0/24"])]);
  match(reasons(decision), /already defined CIDR "10\.0\.2\.0\/24" in pool "a"/);
});

test("only the part of a claimed entry that is not stored is added to the stored pool", () => {
  const { record = [] } = decide(write(pool("a", ["10.0.0.0/24"], 2)), [], [pool("a", ["10.0.0.0/25"])]);
  const decision = decide(write(pool("b", ["10.0.0.200-10.0.0.201"])), record, [pool("a", ["10.0.0.0/25"])]);
  match(reasons(decision), /already defined CIDR "10\.0\.0\.128-10\.0\.0\.255" in pool "a"/);
  equal(decide(write(pool("c", ["10.0.1.0/24"])), record, [pool("a", ["10.0.0.0/25"])]).verdict.allowed, true);
});

test("an update that adds no address records nothing", () => {
  const stored = [pool("a", ["10.0.0.0/24"])];
  equal(decide(write(pool("a", ["10.0.0.0/24"], 2)), [], stored).record, undefined);
  equal(decide(write(pool("a", ["10.0.0.7-10.0.0.9"], 2)), [], stored).record, undefined);
});

test("a dry run and a pool of another namespace record nothing", () => {
  const dry = decide(write(pool("a", ["10.0.0.0/24"]), { dryRun: true }));
  deepEqual([dry.verdict.allowed, dry.record], [true, undefined]);
  const foreign = decide(write(pool("a", ["10.0.0.0/24"], 2), { namespace: "default" }));
  deepEqual([foreign.verdict.allowed, foreign.record], [true, undefined]);
});

test("more claims than can be kept are refused, and the client told to try again", () => {
  const claims = Array.from({ length: claimLimit }, (_, n) => claimOn(`p${n}`, [`10.${1 + (n >> 8)}.${n & 255}.0/24`]));
  const decision = decide(write(pool("a", ["10.0.0.0/24"])), claims);
  equal(decision.mayChange, true);
  match(reasons(decision), /too many pools are being written at once\. Nothing was stored; try again\./);
});

test("a claim larger than an annotation is refused for good, with the way out", () => {
  const addresses = Array.from({ length: 8_000 }, (_, n) => `10.${n >> 8}.${n & 255}.10-10.${n >> 8}.${n & 255}.20`);
  const decision = decide(write(pool("a", addresses)));
  match(reasons(decision), /more than 200000 characters together.*write ranges instead of single addresses/);
  equal(decision.mayChange, false);
});
