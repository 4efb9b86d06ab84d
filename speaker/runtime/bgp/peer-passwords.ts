import type { PeerPassword } from "../../../crds/config/snapshot.ts";
import { resourceTypes, type Secret } from "../../../crds/types/kubernetes.ts";
import type { KubeApi } from "../../../operator/framework/api/kube-api.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";

type SecretPassword = Extract<PeerPassword, { readonly type: "secret" }>;

export type PeerPasswordsOptions = {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The version of the Secret of that name; undefined: it is not there, or not known. */
  readonly versionOf: (name: string) => string | undefined;
  /** A password became known, or is another one. */
  readonly onRead: () => void;
};

type Kept = { version: string | undefined; values: ReadonlyMap<string, readonly number[]>; reading: boolean };

const RETRY_MS = 5_000;

/** Passwords out of Secrets: only those that peers of this node name are read, and again when they change. */
export class PeerPasswords {
  readonly #options: PeerPasswordsOptions;
  readonly #kept = new Map<string, Kept>();
  #cancelRetry: Cancel = () => undefined;

  constructor(options: PeerPasswordsOptions) {
    this.#options = options;
  }

  /** Forgets what none of these names, and reads what is missing or was changed. */
  want(passwords: readonly SecretPassword[]): void {
    const names = new Set(passwords.map(({ name }) => name));
    for (const name of this.#kept.keys()) if (!names.has(name)) this.#kept.delete(name);
    for (const name of names) this.#refresh(name);
  }

  /** The one in force; undefined: not read yet. While a changed Secret is read it is the former one. */
  octetsOf({ name, key }: SecretPassword): readonly number[] | undefined {
    return this.#kept.get(name)?.values.get(key);
  }

  /** The version of the Secret whose password is in force; undefined: none is. */
  versionInUse(name: string): string | undefined {
    return this.#kept.get(name)?.version;
  }

  #refresh(name: string): void {
    const kept = this.#kept.get(name) ?? { version: undefined, values: new Map(), reading: false };
    this.#kept.set(name, kept);
    const version = this.#options.versionOf(name);
    if (version === undefined || version === kept.version || kept.reading) return;
    kept.reading = true;
    void this.#read(name, kept).finally(() => {
      kept.reading = false;
    });
  }

  async #read(name: string, kept: Kept): Promise<void> {
    const { api, namespace, clock, log, onRead } = this.#options;
    try {
      const secret = await api.get<Secret>(resourceTypes.secrets, { namespace, name });
      if (secret === undefined || this.#kept.get(name) !== kept) return;
      kept.version = secret.metadata.resourceVersion;
      const entries = Object.entries(secret.data ?? {});
      kept.values = new Map(entries.map(([key, value]) => [key, [...Buffer.from(value, "base64")]]));
      onRead();
    } catch (error) {
      log.warn("the Secret with a BGP password cannot be read; trying again", { name, error: String(error) });
      this.#cancelRetry();
      this.#cancelRetry = clock.after(RETRY_MS, onRead);
    }
  }
}
