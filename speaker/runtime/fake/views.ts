import { encodeMemberFacts } from "../../codec/membership-facts.ts";
import { type Said, saying } from "../../intent/fixture/facts.ts";
import type { Member, MemberView } from "../../membership/member-view.ts";

/** A member as a test describes it: `dead`, or what it says of itself. */
export type Described = "dead" | Said;

/** What a speaker knows of these nodes; the living ones are candidates. */
export function viewOf(nodes: Readonly<Record<string, Described>>, changes: Partial<MemberView> = {}): MemberView {
  const members = new Map(Object.entries(nodes).map(([node, described]) => [node, memberOf(described)]));
  const good = { conduct: "member", company: "together", standing: "candidate", source: "messages", remarks: [] } as const;
  return { generation: 1, ...good, members, ...changes };
}

function memberOf(described: Described): Member {
  if (described === "dead") return { alive: false, dead: true, candidate: false, facts: undefined, reason: "it was silent" };
  const said = saying({ node: described }).get("node");
  const facts = said === undefined ? undefined : encodeMemberFacts(said);
  return { alive: true, dead: false, candidate: true, facts, reason: "it lives and takes addresses" };
}
