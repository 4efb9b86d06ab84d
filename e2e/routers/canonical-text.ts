/** The well-known communities of RFC 1997 as the programs spell them. */
const wellKnown: Readonly<Record<string, string>> = {
  noexport: "65535:65281",
  noadvertise: "65535:65282",
  localas: "65535:65283",
  noexportsubconfed: "65535:65283",
  nopeer: "65535:65284",
  gracefulshutdown: "65535:0",
};

/** `65001:1`, also for a well-known community that has a name. */
export function communityText(text: string): string {
  return wellKnown[text.toLowerCase().replaceAll(/[^a-z]/g, "")] ?? text;
}

/** An AS path with one form of sets: `65001 {65003,65004}`, sorted. */
export function pathTextOf(text: string): string {
  const path = text.trim().replaceAll(/\{([^}]*)\}/g, (_, set: string) => `{${sortedNumbers(set.split(/[ ,]+/))}}`);
  return path.replaceAll(/\s+/g, " ");
}

function sortedNumbers(texts: readonly string[]): string {
  return texts
    .filter((text) => text !== "")
    .map(Number)
    .sort((a, b) => a - b)
    .join(",");
}
