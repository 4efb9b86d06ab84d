import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { compileExclusion, type InterfaceExclusion } from "./interface-exclusion.ts";

function exclusion(...patterns: readonly string[]): InterfaceExclusion {
  const compiled = compileExclusion(patterns);
  if (!compiled.ok) throw new RangeError(compiled.reason);
  return compiled.isExcluded;
}

test("no pattern excludes nothing", () => {
  equal(exclusion()("eth0"), false);
});

test("a pattern matches anywhere unless it anchors itself", () => {
  const isExcluded = exclusion("^docker.*", "veth", "^lo$");
  equal(isExcluded("docker0"), true);
  equal(isExcluded("br-docker0"), false);
  equal(isExcluded("myveth1"), true);
  equal(isExcluded("lo"), true);
  equal(isExcluded("lo1"), false);
  equal(isExcluded("eth0"), false);
});

test("patterns are RE2: a flag holds for the alternatives that follow, as in MetalLB's joined expression", () => {
  const isExcluded = exclusion("(?i)^DUMMY", "^TUN");
  equal(isExcluded("dummy0"), true);
  equal(isExcluded("tun0"), true);
});

test("a pattern that RE2 cannot read is reported with what is wrong", () => {
  const compiled = compileExclusion(["^eth(?=0)"]);
  equal(compiled.ok, false);
  if (!compiled.ok) match(compiled.reason, /^announcedInterfacesToExclude .*RE2 cannot read: error parsing regexp: /);
});
