type Json = { readonly [key: string]: unknown };

/**
 * JSON merge patch (RFC 7386): null deletes, objects merge, everything else replaces. Undefined members of `patch` are
 * passed over, as JSON has no such value. Neither argument is changed.
 */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) merged.delete(key);
    else merged.set(key, applyMergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/**
 * Would {@link applyMergePatch} leave `target` as it is? Only what the patch names is compared. An empty array equals an
 * absent one and an empty object an absent one, because the API server drops both from its own kinds.
 */
export function patchIsNoOp(target: unknown, patch: unknown): boolean {
  if (patch === undefined) return true;
  if (patch === null) return target === undefined || target === null;
  if (Array.isArray(patch)) return sameJson(target ?? [], patch);
  if (!isObject(patch)) return target === patch;
  if (target !== undefined && target !== null && !isObject(target)) return false;
  const known: Json = isObject(target) ? target : {};
  return Object.entries(patch).every(([key, value]) => patchIsNoOp(own(known, key), value));
}

/** Deep equality of JSON values; a member that is undefined counts as absent. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!sameJson(own(a, key), own(b, key))) return false;
  return true;
}

/** A member called `__proto__` is one like any other. */
function own(object: Json, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
