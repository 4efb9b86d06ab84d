import { createHash } from "node:crypto";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import type { KubeApi } from "../api/kube-api.ts";
import type { KubeObject } from "../api/kube-object.ts";
import type { Clock } from "../clock.ts";
import { ExpiringCache } from "../expiring-cache.ts";

/** 200 allowed, 401 not authenticated, 403 not allowed, 500 the API server could not be asked. */
export type Verdict = { readonly status: 200 | 401 | 403 | 500; readonly reason: string };

/** Decides who may read what, as the API server says. */
export interface RequestAuthorizer {
  /**
   * @param authorization the Authorization header.
   * @param verb HTTP method, any case.
   * @param path without the query.
   */
  authorize(authorization: string | undefined, verb: string, path: string): Promise<Verdict>;
}

type User = {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
};
type TokenReview = KubeObject & { readonly status?: { readonly authenticated?: boolean; readonly user?: User } };
type SubjectAccessReview = KubeObject & { readonly status?: { readonly allowed?: boolean; readonly reason?: string } };

const tokenMs = 60_000;
const allowedMs = 300_000;
const deniedMs = 30_000;
const maxEntries = 1000;
const forbidden = { 401: "a bearer token is needed", 403: "not allowed" } as const;

/** TokenReview, then SubjectAccessReview for the non-resource path; answers are kept 1 min, 5 min (yes) and 30 s (no). */
export function createRequestAuthorizer(api: KubeApi, clock: Clock): RequestAuthorizer {
  const users = new ExpiringCache<User | undefined>(clock, maxEntries);
  const decisions = new ExpiringCache<boolean>(clock, maxEntries);

  const review = async (token: string): Promise<{ readonly value: User | undefined; readonly ms: number }> => {
    const review = { metadata: {}, spec: { token } } as unknown as TokenReview;
    const { status } = await api.create<TokenReview>(resourceTypes.tokenreviews, review);
    return { value: status?.authenticated === true ? (status.user ?? {}) : undefined, ms: tokenMs };
  };

  const ask = async (user: User, verb: string, path: string): Promise<{ readonly value: boolean; readonly ms: number }> => {
    const { username, uid, groups, extra } = user;
    const spec = { user: username, uid, groups, extra, nonResourceAttributes: { path, verb } };
    const { status } = await api.create<SubjectAccessReview>(resourceTypes.subjectaccessreviews, {
      metadata: {},
      spec,
    } as unknown as SubjectAccessReview);
    const allowed = status?.allowed === true;
    return { value: allowed, ms: allowed ? allowedMs : deniedMs };
  };

  return {
    async authorize(authorization, verb, path) {
      const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
      if (token === undefined) return { status: 401, reason: forbidden[401] };
      try {
        const digest = createHash("sha256").update(token).digest("base64");
        const user = await users.get(digest, () => review(token));
        if (user === undefined) return { status: 401, reason: forbidden[401] };
        const key = JSON.stringify([user.username, user.uid, user.groups, user.extra, verb.toLowerCase(), path]);
        const allowed = await decisions.get(key, () => ask(user, verb.toLowerCase(), path));
        return allowed ? { status: 200, reason: "" } : { status: 403, reason: forbidden[403] };
      } catch (error) {
        return { status: 500, reason: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
