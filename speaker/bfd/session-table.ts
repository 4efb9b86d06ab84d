import { pathText, type SessionPath, samePath } from "./session-path.ts";

/** What the table must know of an entry. */
export type Tabled = { readonly path: SessionPath; readonly discriminator: number };

/** Which session a packet belongs to. RFC 5880 §6.3, §6.8.6. */
export class SessionTable<Entry extends Tabled> {
  readonly #byDiscriminator = new Map<number, Entry>();
  readonly #byPath = new Map<string, Entry>();

  /** Its path and its discriminator must be free. */
  add(entry: Entry): void {
    this.#byDiscriminator.set(entry.discriminator, entry);
    this.#byPath.set(pathText(entry.path), entry);
  }

  remove(entry: Entry): void {
    this.#byDiscriminator.delete(entry.discriminator);
    this.#byPath.delete(pathText(entry.path));
  }

  /** By {@link pathText}. */
  get(path: string): Entry | undefined {
    return this.#byPath.get(path);
  }

  has(discriminator: number): boolean {
    return this.#byDiscriminator.has(discriminator);
  }

  /**
   * By Your Discriminator, else by the path. A discriminator that came on another path than its session's finds none: it would let a
   * packet from far away pass for one of a neighbour.
   */
  find(yourDiscriminator: number, path: SessionPath): Entry | undefined {
    if (yourDiscriminator === 0) return this.#byPath.get(pathText(path));
    const known = this.#byDiscriminator.get(yourDiscriminator);
    return known !== undefined && samePath(known.path, path) ? known : undefined;
  }

  values(): readonly Entry[] {
    return [...this.#byPath.values()];
  }
}
