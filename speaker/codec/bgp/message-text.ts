import { formatAddress } from "../../../crds/net/address.ts";
import { formatPrefix, type Prefix } from "../../../crds/net/prefix.ts";
import { capabilitiesText, familyName } from "./capability-text.ts";
import type { BgpMessage, UpdateMessage } from "./message.ts";
import { notificationText } from "./notification-text.ts";
import type { UpdateSummary } from "./update.ts";

/** What is remembered of an UPDATE: whatever it says, this is small. */
export type UpdateBrief = UpdateSummary & { readonly firstPrefix?: Prefix };

/** In short what a message says, one line without its type; for UPDATEs see {@link updateText}. */
export function messageText(message: Exclude<BgpMessage, { readonly type: "update" }>): string {
  switch (message.type) {
    case "open": {
      const { version, autonomousSystem, holdTimeSeconds, identifier, capabilities } = message;
      const id = formatAddress({ family: "IPv4", bits: BigInt(identifier) });
      const fields = `version ${version}, AS ${autonomousSystem}, hold time ${holdTimeSeconds} s, identifier ${id}`;
      return `${fields}; ${capabilitiesText(capabilities)}`;
    }
    case "notification":
      return `${message.code}/${message.subcode} ${notificationText(message)}`;
    case "route-refresh":
      return familyName(message.afi, message.safi) + (message.subtype === 0 ? "" : `, subtype ${message.subtype}`);
    case "keepalive":
      return "";
  }
}

/** In short what an UPDATE says: one line. */
export function updateText({ announced, withdrawn, endOfRib, fault, firstPrefix }: UpdateBrief): string {
  if (endOfRib !== undefined) return `End-of-RIB of ${familyName(endOfRib.afi, endOfRib.safi)}`;
  const counts = [
    ...(announced > 0 ? [`${announced} announced`] : []),
    ...(withdrawn > 0 ? [`${withdrawn} withdrawn`] : []),
  ].join(", ");
  const first = firstPrefix === undefined ? "" : `, first ${formatPrefix(firstPrefix)}`;
  return `${counts || "no routes"}${first}${fault === undefined ? "" : `; ${fault.treatment}: ${fault.problem}`}`;
}

/** What is remembered of an UPDATE of ours. */
export function updateBrief({ withdrawn, attributes, nlri }: UpdateMessage): UpdateBrief {
  const { mpReach, mpUnreach } = attributes;
  const announced = nlri.length + (mpReach?.nlri.length ?? 0);
  const taken = withdrawn.length + (mpUnreach?.withdrawn.length ?? 0);
  const firstPrefix = nlri[0] ?? mpReach?.nlri[0] ?? withdrawn[0] ?? mpUnreach?.withdrawn[0];
  if (firstPrefix !== undefined) return { announced, withdrawn: taken, firstPrefix };
  const { afi = 1, safi = 1 } = mpUnreach ?? {};
  return { announced, withdrawn: taken, endOfRib: { afi, safi } };
}
