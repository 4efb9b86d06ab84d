/**
 * Whose limits the configuration has to keep. `herald`: none beyond what the wire can carry. `frr` and `native`: also
 * what MetalLB refuses with that engine, for clusters that may go back to it.
 */
export type Backend = "herald" | "frr" | "native";

const backends: ReadonlyMap<string, Backend> = new Map([
  ["", "herald"],
  ["herald", "herald"],
  ["frr", "frr"],
  ["frr-k8s", "frr"],
  ["native", "native"],
]);

/** The meaning of METALLB_BGP_TYPE. @param text its value; undefined when it is not set. @returns undefined for a value that is none. */
export function backendOf(text: string | undefined): Backend | undefined {
  return backends.get(text ?? "");
}
