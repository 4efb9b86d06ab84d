import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Programs the lab runs, and the Debian package that brings each. */
const programs: Readonly<Record<string, string>> = {
  ip: "iproute2",
  sysctl: "procps",
  nsenter: "util-linux",
  unshare: "util-linux",
  setpriv: "util-linux",
  mount: "mount",
  chroot: "coreutils",
  bash: "bash",
  openssl: "openssl",
  curl: "curl",
  nft: "nftables",
  conntrack: "conntrack",
  arping: "iputils-arping",
};

/**
 * What this machine lacks to run a lab, in one sentence; undefined when it lacks nothing.
 * The Kubernetes binaries are another matter: scripts/kube-binaries.sh finds or builds them.
 */
export function missingPrerequisite(): string | undefined {
  if (process.platform !== "linux") return "The lab needs Linux: it is made of network namespaces.";
  if (process.getuid?.() !== 0) return "The lab needs root, for network namespaces: run it with sudo.";
  const missing = Object.keys(programs).filter((program) => !isOnPath(program));
  if (missing.length === 0) return undefined;
  const packages = [...new Set(missing.map((program) => programs[program]))].join(" ");
  return `The lab needs ${missing.join(", ")}: run 'apt-get install ${packages}'.`;
}

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
