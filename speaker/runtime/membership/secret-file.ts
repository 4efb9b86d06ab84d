import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import { secretProblem } from "./membership-key.ts";

/** The kubelet puts a changed Secret into place within a minute or so; the file is looked at more often than that. */
const REREAD_MS = 10_000;

/**
 * The membership Secret, octet by octet as it is in the file `secretkey`. Undefined for an empty path.
 * @throws Error saying what is wrong with it, and what to do.
 */
export async function readMembershipSecret(directory: string): Promise<Uint8Array | undefined> {
  if (directory === "") return undefined;
  const path = pathIn(directory);
  const octets = await readFile(path).catch((error: unknown) => {
    throw new Error(`${path} cannot be read: mount the membership Secret there, or leave --ml-secret-key-path empty`, {
      cause: error,
    });
  });
  const problem = secretProblem(octets);
  if (problem !== undefined) throw new Error(`${path}: ${problem}`);
  return octets;
}

export type SecretWatch = {
  readonly directory: string;
  readonly clock: Clock;
  readonly onSecret: (octets: Uint8Array) => void;
  /** It cannot be used; said once for each reason, and the one in force stays. */
  readonly onProblem: (reason: string) => void;
};

/** Reads the Secret again and again. @returns what ends that. */
export function watchMembershipSecret({ directory, clock, onSecret, onProblem }: SecretWatch): Cancel {
  if (directory === "") return () => undefined;
  let cancel: Cancel = () => undefined;
  let stopped = false;
  let said: string | undefined;
  const look = async (): Promise<void> => {
    try {
      const octets = await readMembershipSecret(directory);
      said = undefined;
      if (octets !== undefined && !stopped) onSecret(octets);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== said && !stopped) onProblem(reason);
      said = reason;
    }
    if (!stopped) cancel = clock.after(REREAD_MS, () => void look());
  };
  cancel = clock.after(REREAD_MS, () => void look());
  return () => {
    stopped = true;
    cancel();
  };
}

function pathIn(directory: string): string {
  return join(directory, "secretkey");
}
