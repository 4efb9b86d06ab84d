import type { Rival } from "../answer.ts";
import type { Conflict } from "./conflict.ts";

const forms: { readonly [form in Rival["form"]]: string } = {
  "arp-reply": "an ARP reply",
  "gratuitous-arp": "a gratuitous ARP",
  "neighbor-advertisement": "a neighbor advertisement",
};

const consequences: { readonly [policy in Conflict["policy"]]: string } = {
  report: "The address stays announced",
  defend: "The address stays announced, and is announced against it at most every 10 s",
  quarantine: "The address is not announced while it answers probes",
};

/** What happens, who it is and what to do, for events and logs. @param claimsMany it claims many addresses of this node. */
export function conflictText(conflict: Conflict, claimsMany: boolean): string {
  const { ip, mac, form } = conflict;
  const seen = `${forms[form]} on ${conflict.interface}`;
  switch (conflict.cause) {
    case "foreign": {
      const who = claimsMany ? "a machine that claims many addresses, as one with proxy ARP does" : "another machine";
      const remedy = claimsMany ? "switch proxy ARP off on it for these addresses" : "give one of the two another address";
      return `${ip} is also claimed by ${mac}, ${who} (${seen}). ${consequences[conflict.policy]}; ${remedy}.`;
    }
    case "denied":
      return (
        `${ip} is also claimed by ${mac}, which is node "${conflict.node}", though its speaker does not announce it (${seen}). ` +
        "The address stays announced; with kube-proxy in IPVS mode set strictARP, else see who has the address on that node."
      );
    case "unanswered":
      return (
        `${ip} is also claimed by ${mac}, which is node "${conflict.node}", and its speaker does not answer (${seen}). ` +
        "The address stays announced; see to the speaker on that node."
      );
  }
}

/** That it is over. */
export function conflictOverText({ ip, mac }: Conflict): string {
  return `${ip} is claimed by ${mac} no more`;
}
