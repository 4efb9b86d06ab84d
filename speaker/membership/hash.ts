/** 32 bits of a text, spread evenly: FNV-1a, then the finalizer of MurmurHash3. Equal on every node. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return finalize(hash);
}

/** 32 bits of a hash and a number. */
export function hashWith(hash: number, value: number): number {
  return finalize(Math.imul(hash ^ value, 0x01000193) ^ (hash >>> 15));
}

function finalize(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
