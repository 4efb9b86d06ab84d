import type { Container } from "./objects.ts";

/** What a container may use at most; absent: as much as there is. */
export type Limits = {
  /** Thousandths of a core. */
  readonly cpuMillis?: number;
  readonly memoryBytes?: number;
};

const binary = ["", "Ki", "Mi", "Gi"];

/** @throws {Error} that names a quantity which cannot be read. */
export function limitsOf({ resources }: Container): Limits {
  const { cpu, memory } = resources?.limits ?? {};
  return {
    ...(cpu !== undefined && { cpuMillis: Math.round(quantity(cpu) * 1000) }),
    ...(memory !== undefined && { memoryBytes: quantity(memory) }),
  };
}

/** The forms of Kubernetes' quantities that manifests of this kind use: `1`, `0.5`, `100m`, `100Mi`. */
function quantity(text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)(m|Ki|Mi|Gi)?$/.exec(text) ?? [];
  if (digits === undefined) throw new Error(`the lab cannot read the quantity "${text}"`);
  return unit === "m" ? Number(digits) / 1000 : Number(digits) * 1024 ** binary.indexOf(unit);
}
