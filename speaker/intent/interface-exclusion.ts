import { RE2JS } from "re2js";

/** True for an interface that must neither announce nor count as existing. */
export type InterfaceExclusion = (interfaceName: string) => boolean;

/**
 * Compiles the patterns of `announcedInterfacesToExclude`, as MetalLB does: joined into one alternation in RE2 syntax
 * that may match anywhere in the name. No pattern excludes nothing.
 */
export function compileExclusion(
  patterns: readonly string[],
): { readonly ok: true; readonly isExcluded: InterfaceExclusion } | { readonly ok: false; readonly reason: string } {
  if (patterns.length === 0) return { ok: true, isExcluded: () => false };
  try {
    const expression = RE2JS.compile(patterns.join("|"));
    return { ok: true, isExcluded: (name) => expression.matcher(name).find() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `announcedInterfacesToExclude holds a pattern that RE2 cannot read: ${reason}` };
  }
}
