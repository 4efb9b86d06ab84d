import type { BGPPeerSpec } from "../../types/bgp-peer.ts";
import { utf8, utf8Octets } from "../../utf8.ts";
import type { Finding, FindingCode, ObjectRef } from "../finding.ts";
import { errorIn } from "../problem.ts";
import type { SecretFacts } from "../secrets.ts";
import type { PeerPassword } from "../snapshot.ts";
import { passwordProblem } from "./tcp-password.ts";

/** What a BGPPeer says of its password, and whether that can be had. */
export type ReadPassword = {
  readonly password?: PeerPassword;
  /** Why the password cannot be read for the time being. */
  readonly notReady?: string;
  readonly findings: readonly Finding[];
};

const basicAuth = "kubernetes.io/basic-auth";
const defaultKey = "password";

/** Of a password that stands in the peer itself. */
export function passwordTextFindings(ref: ObjectRef, { password = "" }: BGPPeerSpec): readonly Finding[] {
  const problem = passwordProblem(utf8Octets(password));
  if (problem === undefined) return [];
  return [errorIn(ref, "PasswordTooLong", "spec.password", `${problem}. Choose a shorter one, here and on the router`)];
}

/**
 * Reads the password of a BGPPeer. A Secret that is not there yet is pending, and the peer not ready: it must not come up
 * without its password; one that cannot be used is an error.
 * @param secrets undefined: not known, and not looked at.
 */
export function readPassword(
  ref: ObjectRef,
  { password: text = "", passwordSecret }: BGPPeerSpec,
  secrets: ReadonlyMap<string, SecretFacts> | undefined,
): ReadPassword {
  const { name = "", key = "" } = passwordSecret ?? {};
  if (name === "") return { ...(text !== "" && { password: { type: "octets", octets: utf8(text) } }), findings: [] };
  if (text !== "") {
    const what = "password and passwordSecret are both set: keep one of them";
    return { findings: [errorIn(ref, "PasswordConflict", "spec.passwordSecret", what)] };
  }
  const password: PeerPassword = { type: "secret", name, key: key || defaultKey };
  const finding = secrets === undefined ? undefined : secretFinding(ref, password, key !== "", secrets.get(name));
  if (finding === undefined) return { password, findings: [] };
  return { password, ...(finding.severity !== "warning" && { notReady: finding.message }), findings: [finding] };
}

type SecretPassword = Extract<PeerPassword, { readonly type: "secret" }>;

function secretFinding(
  ref: ObjectRef,
  { name, key }: SecretPassword,
  keyIsGiven: boolean,
  secret: SecretFacts | undefined,
): Finding | undefined {
  const namespace = ref.namespace ?? "";
  const option = namespace === "" ? "" : ` -n ${namespace}`;
  const create = `kubectl create secret generic ${name}${option} --type=${basicAuth} --from-literal=${key}=...`;
  const parsing = `parsing peer ${ref.name}`;
  const failed = `failed to parse peer ${ref.name} password secret`;
  const said = (code: FindingCode, field: string, message: string, remedy: string): Finding => ({
    ...errorIn(ref, code, `spec.passwordSecret.${field}`, ""),
    others: [{ kind: "Secret", ...(ref.namespace !== undefined && { namespace }), name }],
    message: `${parsing} ${message}\n${failed}`,
    remedy,
  });
  if (secret === undefined) {
    const missing = `secret ref not found for peer config "${namespace}"/"${ref.name}"`;
    return { ...said("SecretMissing", "name", missing, `Create it: ${create}`), severity: "pending" };
  }
  if (secret.type !== basicAuth && !(keyIsGiven && secret.type === "Opaque")) {
    const mismatch = `secret type mismatch on "${namespace}"/"${name}", type "${basicAuth}" is expected `;
    const remedy = `Delete the Secret and make it anew: ${create}; or name the key of an Opaque one in spec.passwordSecret.key.`;
    return said("SecretTypeMismatch", "name", mismatch, remedy);
  }
  const octets = secret.octets.get(key);
  const field = keyIsGiven ? "key" : "name";
  if (octets === undefined) {
    const absent = `secret "${namespace}"/"${name}" has no key "${key}"`;
    return said("SecretKeyMissing", field, absent, `Add the key, or make the Secret anew: ${create}`);
  }
  const place = `key "${key}" of secret "${namespace}"/"${name}"`;
  const problem = passwordProblem(octets);
  if (problem !== undefined) {
    const remedy = "Choose a shorter one, in the Secret and on the router.";
    return said("PasswordTooLong", field, `${place}: ${problem}`, remedy);
  }
  if (octets > 0) return undefined;
  const empty = `${place}: the password is empty, so that sessions are opened without one`;
  const remedy = "Write the router's password there, or leave out spec.passwordSecret.";
  return { ...said("PasswordEmpty", field, empty, remedy), severity: "warning" };
}
