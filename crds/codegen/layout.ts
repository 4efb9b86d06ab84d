/** Columns, as the formatter's. */
const lineWidth = 130;

/** Source text that can stand on one line or be broken between its parts. */
export type Layout =
  | string
  | { readonly open: string; readonly parts: readonly Layout[]; readonly close: string; readonly separator: "," | ";" };

/** Lays source out as the formatter does: on one line when it fits, else one part a line. */
export function render(layout: Layout, indent: number, prefix: string, suffix: string): string {
  const padding = " ".repeat(indent);
  const oneLine = `${padding}${prefix}${flat(layout)}${suffix}`;
  if (oneLine.length <= lineWidth) return oneLine;
  if (typeof layout === "string") return oneLine.replace(": ", `:\n${padding}  `); // a long text goes below its name
  const { open, parts, close, separator } = layout;
  const lines = parts.map((part) => render(part, indent + 2, "", separator));
  return [`${padding}${prefix}${open}`, ...lines, `${padding}${close}${suffix}`].join("\n");
}

/** A part with a name in front: `name: value`. */
export function named(name: string, value: Layout): Layout {
  return typeof value === "string" ? `${name}: ${value}` : { ...value, open: `${name}: ${value.open}` };
}

function flat(layout: Layout): string {
  if (typeof layout === "string") return layout;
  const { open, parts, close, separator } = layout;
  const blank = open.endsWith("[") || parts.length === 0 ? "" : " ";
  return `${open}${blank}${parts.map(flat).join(`${separator} `)}${blank}${close}`;
}
