import type { Capability } from "./capability.ts";
import { unicastFamily } from "./registry.ts";

/** Told one by one; a peer may send a thousand. */
const maxTold = 16;

/** One capability by its name, as short as may be. */
export function capabilityName(capability: Capability): string {
  if (capability.type === "multiprotocol") return familyName(capability.afi, capability.safi);
  return capability.type === "unknown" ? `capability ${capability.code}` : capability.type;
}

export function familyName(afi: number, safi: number): string {
  const family = unicastFamily({ afi, safi });
  return family === undefined ? `AFI ${afi} SAFI ${safi}` : `${family} unicast`;
}

/** The capabilities of an OPEN with what they say; one line, however many there are. */
export function capabilitiesText(capabilities: readonly Capability[]): string {
  if (capabilities.length === 0) return "no capabilities";
  const told = capabilities.slice(0, maxTold).map((capability) => capabilityName(capability) + detail(capability));
  const more = capabilities.length - told.length;
  return told.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function detail(capability: Capability): string {
  switch (capability.type) {
    case "four-octet-as":
      return ` ${capability.autonomousSystem}`;
    case "graceful-restart": {
      const { restarting, notification, restartTimeSeconds, families } = capability;
      const flags = [...(restarting ? ["R"] : []), ...(notification ? ["N"] : [])];
      const kept = families.slice(0, maxTold).map(({ afi, safi, forwardingPreserved }) => {
        return familyName(afi, safi) + (forwardingPreserved ? " F" : "");
      });
      return ` (${[`${restartTimeSeconds} s`, ...flags, ...kept].join(", ")})`;
    }
    case "unknown":
      return capability.value.length === 0 ? "" : ` of ${capability.value.length} octets`;
    case "multiprotocol":
    case "route-refresh":
    case "extended-next-hop":
      return "";
  }
}
