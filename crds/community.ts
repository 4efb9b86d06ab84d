/** A BGP community: RFC 1997 as one 32-bit value, or RFC 8092 in three. */
export type Community =
  | { readonly type: "standard"; readonly value: number }
  | { readonly type: "large"; readonly globalAdministrator: number; readonly localData1: number; readonly localData2: number };

/** InvalidFormat: the text could be the name of a Community object that does not exist yet. */
export type CommunityResult =
  | { readonly ok: true; readonly community: Community }
  | { readonly ok: false; readonly code: "InvalidValue" | "InvalidFormat"; readonly reason: string };

/** Reads `A:B` (each 0 to 65535) or `large:G:L1:L2` (each 0 to 4294967295). */
export function parseCommunity(text: string): CommunityResult {
  const parts = text.split(":");
  if (parts.length === 2) return standard(text, parts);
  if (parts.length === 4) return large(text, parts);
  return { ok: false, code: "InvalidFormat", reason: `invalid community format: ${text}` };
}

function standard(text: string, parts: readonly string[]): CommunityResult {
  const [high, low] = parts.map((part) => number(part, 0xffff));
  if (high === undefined || low === undefined) return invalidSection(text, "two numbers from 0 to 65535");
  return { ok: true, community: { type: "standard", value: high * 0x1_0000 + low } };
}

function large(text: string, [marker, ...parts]: readonly string[]): CommunityResult {
  if (marker !== "large") {
    const reason = `invalid community value: expected community to be of format large:<number>:<number>:<number>, not ${text}`;
    return { ok: false, code: "InvalidValue", reason };
  }
  const [globalAdministrator, localData1, localData2] = parts.map((part) => number(part, 0xffff_ffff));
  if (globalAdministrator === undefined || localData1 === undefined || localData2 === undefined) {
    return invalidSection(text, "three numbers from 0 to 4294967295 after large");
  }
  return { ok: true, community: { type: "large", globalAdministrator, localData1, localData2 } };
}

function invalidSection(text: string, expected: string): CommunityResult {
  return { ok: false, code: "InvalidValue", reason: `invalid community value: invalid section in ${text}: write ${expected}` };
}

function number(text: string, max: number): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= max ? Number(text) : undefined;
}

/** `A:B`, or `G:L1:L2` without the marker, as routers print it. */
export function formatCommunity(community: Community): string {
  switch (community.type) {
    case "standard":
      return `${Math.floor(community.value / 0x1_0000)}:${community.value % 0x1_0000}`;
    case "large":
      return `${community.globalAdministrator}:${community.localData1}:${community.localData2}`;
  }
}

/** Order for output: a standard community counts as (value, 0, 0) among large ones. */
export function compareCommunities(a: Community, b: Community): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  return (
    left[0] - right[0] ||
    left[1] - right[1] ||
    left[2] - right[2] ||
    Number(a.type === "standard") - Number(b.type === "standard")
  );
}

function numbersOf(community: Community): readonly [number, number, number] {
  if (community.type === "standard") return [community.value, 0, 0];
  return [community.globalAdministrator, community.localData1, community.localData2];
}
