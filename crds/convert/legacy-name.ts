const longest = 63;

/** A name as MetalLB's converter makes it: other illegal characters than these stay. Undefined when it has no letter. */
export function cleanName(name: string): string | undefined {
  const clean = name
    .slice(0, longest)
    .toLowerCase()
    .replaceAll("_", "-")
    .replace(/^[^a-z]+/, "");
  return clean === "" ? undefined : clean;
}

/** Whether the API server takes it as an object's name (RFC 1123, subdomain). */
export function isObjectName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
}
