import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type ApiClient, ApiRefusal } from "./api-client.ts";
import { ContainerRefusal, fieldOf, type PodFacts } from "./container-spec.ts";
import type { KeyedData, KeyToPath, Projection, Volume } from "./objects.ts";

/** File name → content of one volume. */
type Files = ReadonlyMap<string, Buffer>;

type TokenAnswer = { readonly status: { readonly token: string } };

/** Prepares a pod's volumes as folders under `folder`, and brings them up to date again on every later call. */
export class Volumes {
  readonly #api: ApiClient;
  readonly #folder: string;
  readonly #tokens = new Map<string, { readonly token: string; readonly renewAt: number }>();
  #generation = 0;

  constructor(api: ApiClient, folder: string) {
    this.#api = api;
    this.#folder = folder;
  }

  /** @throws {ContainerRefusal} when a Secret or ConfigMap that is not optional does not exist. */
  async prepare(facts: PodFacts): Promise<void> {
    for (const volume of facts.pod.spec.volumes ?? []) {
      const files = await this.#filesOf(volume, facts);
      if (files === undefined) mkdirSync(this.#path(volume), { recursive: true, mode: 0o777 });
      else this.#publish(volume, files, facts);
      if (volume.emptyDir !== undefined) chmodSync(this.#path(volume), 0o777);
    }
  }

  /** Where a volume lies on the host; undefined for a name the pod does not have. */
  hostPath(facts: PodFacts, name: string): string | undefined {
    const volume = facts.pod.spec.volumes?.find((candidate) => candidate.name === name);
    if (volume === undefined) return undefined;
    return volume.hostPath?.path ?? this.#path(volume);
  }

  #path(volume: Volume): string {
    return join(this.#folder, volume.name);
  }

  /** Undefined for a volume that holds what the pod writes. */
  async #filesOf(volume: Volume, facts: PodFacts): Promise<Files | undefined> {
    if (volume.secret !== undefined) {
      const { secretName: name, ...rest } = volume.secret;
      return this.#projected({ secret: { name, ...rest } }, facts);
    }
    if (volume.configMap !== undefined) return this.#projected({ configMap: volume.configMap }, facts);
    if (volume.projected === undefined) return undefined;
    const parts = await Promise.all((volume.projected.sources ?? []).map((source) => this.#projected(source, facts)));
    return new Map(parts.flatMap((files) => [...files]));
  }

  async #projected(source: Projection, facts: PodFacts): Promise<Files> {
    if (source.secret !== undefined) return this.#keyed("secrets", source.secret, facts, "base64");
    if (source.configMap !== undefined) return this.#keyed("configmaps", source.configMap, facts, "utf8");
    if (source.downwardAPI !== undefined) {
      const items = source.downwardAPI.items ?? [];
      return new Map(items.map(({ path, fieldRef }) => [path, Buffer.from(fieldOf(fieldRef?.fieldPath ?? "", facts) ?? "")]));
    }
    const token = source.serviceAccountToken;
    return token === undefined ? new Map() : new Map([[token.path, Buffer.from(await this.#token(token, facts))]]);
  }

  async #keyed(
    kind: "secrets" | "configmaps",
    reference: { readonly name: string; readonly items?: readonly KeyToPath[]; readonly optional?: boolean },
    { pod }: PodFacts,
    encoding: BufferEncoding,
  ): Promise<Files> {
    try {
      const object = await this.#api.get<KeyedData>(`/api/v1/namespaces/${pod.metadata.namespace}/${kind}/${reference.name}`);
      const content = Object.entries(object.data ?? {}).map(([key, text]) => [key, Buffer.from(text, encoding)] as const);
      if (reference.items === undefined) return new Map(content);
      const byKey = new Map(content);
      return new Map(reference.items.map(({ key, path }) => [path, byKey.get(key) ?? Buffer.alloc(0)]));
    } catch (error) {
      if (!(error instanceof ApiRefusal && error.status === 404)) throw error;
      if (reference.optional === true) return new Map();
      throw new ContainerRefusal("ContainerCreating", `${kind} "${reference.name}" not found`);
    }
  }

  /** A bound token, renewed when four fifths of its life have passed, as kubelet does. */
  async #token(request: NonNullable<Projection["serviceAccountToken"]>, { pod }: PodFacts): Promise<string> {
    const known = this.#tokens.get(request.path);
    if (known !== undefined && Date.now() < known.renewAt) return known.token;
    const { namespace, name, uid } = pod.metadata;
    const expirationSeconds = request.expirationSeconds ?? 3607;
    const account = pod.spec.serviceAccountName ?? "default";
    const answer = await this.#api.create<TokenAnswer>(`/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {
        expirationSeconds,
        ...(request.audience === undefined ? {} : { audiences: [request.audience] }),
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
      },
    });
    const { token } = answer.status;
    this.#tokens.set(request.path, { token, renewAt: Date.now() + expirationSeconds * 800 });
    return token;
  }

  /** Replaces all files of a volume at once: they lie in a fresh folder that `..data` is turned to by a rename. */
  #publish(volume: Volume, files: Files, { pod }: PodFacts): void {
    const folder = this.#path(volume);
    const fresh = `..${++this.#generation}`;
    const uid = pod.spec.containers[0]?.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser ?? 0;
    const gid = pod.spec.securityContext?.fsGroup ?? 0;
    mkdirSync(join(folder, fresh), { recursive: true, mode: 0o755 });
    for (const [name, content] of files) {
      const file = join(folder, fresh, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { mode: 0o640 });
      chownSync(file, uid, gid);
      const link = join(folder, name.split("/")[0] ?? name);
      if (!existsSync(link)) symlinkSync(join("..data", name.split("/")[0] ?? name), link);
    }
    const current = join(folder, "..data");
    const former = existsSync(current) ? readlinkSync(current) : undefined;
    symlinkSync(fresh, join(folder, "..data_new"));
    renameSync(join(folder, "..data_new"), current);
    if (former !== undefined) rmSync(join(folder, former), { recursive: true, force: true });
  }
}
