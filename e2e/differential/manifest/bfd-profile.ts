import { fieldFault, type Maker } from "./manifest.ts";

export const bfdProfile: Maker = {
  kind: "BFDProfile",
  spec: (dice) => ({
    ...dice.maybe(0.5, () => ({ receiveInterval: dice.pick([10, 300, 60000]) })),
    ...dice.maybe(0.5, () => ({ transmitInterval: dice.pick([10, 300, 60000]) })),
    ...dice.maybe(0.3, () => ({ echoInterval: dice.pick([10, 50, 60000]) })),
    ...dice.maybe(0.5, () => ({ detectMultiplier: dice.pick([2, 3, 255]) })),
    ...dice.maybe(0.3, () => ({ minimumTtl: dice.pick([1, 254]) })),
    ...dice.maybe(0.3, () => ({ echoMode: dice.chance(0.5) })),
    ...dice.maybe(0.3, () => ({ passiveMode: dice.chance(0.5) })),
  }),
  faults: [
    fieldFault("a receive interval", "receiveInterval", [9, 60001, 0, -10, "300ms", 10.5]),
    fieldFault("a transmit interval", "transmitInterval", [9, 60001]),
    fieldFault("an echo interval", "echoInterval", [9, 60001]),
    fieldFault("a multiplier", "detectMultiplier", [1, 256, 0]),
    fieldFault("a minimum TTL", "minimumTtl", [0, 255]),
    fieldFault("a mode of another type", "echoMode", ["true", 1]),
    fieldFault("an unknown field", "interval", [300]),
  ],
};
