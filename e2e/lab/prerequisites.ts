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

/** The same for the routers that a lab may have. */
const routerPrograms = {
  frr: { "/usr/lib/frr/zebra": "frr", "/usr/lib/frr/bfdd": "frr", "/usr/lib/frr/bgpd": "frr", vtysh: "frr" },
  bird: { bird: "bird2", birdc: "bird2" },
  gobgp: { gobgpd: "gobgpd", gobgp: "gobgpd" },
} as const;

/**
 * What this machine lacks to run a lab, in one sentence; undefined when it lacks nothing.
 * The Kubernetes binaries are another matter: scripts/kube-binaries.sh finds or builds them.
 */
export function missingPrerequisite(): string | undefined {
  if (process.platform !== "linux") return "The lab needs Linux: it is made of network namespaces.";
  if (process.getuid?.() !== 0) return "The lab needs root, for network namespaces: run it with sudo.";
  return missingOf("The lab", programs);
}

/** What this machine lacks to run such a router in a lab, in one sentence; undefined when it lacks nothing. */
export function missingRouterProgram(kind: keyof typeof routerPrograms): string | undefined {
  return missingOf(`Router ${kind}`, routerPrograms[kind]);
}

function missingOf(what: string, needed: Readonly<Record<string, string>>): string | undefined {
  const missing = Object.keys(needed).filter((program) => !isThere(program));
  if (missing.length === 0) return undefined;
  const packages = [...new Set(missing.map((program) => needed[program]))].join(" ");
  return `${what} needs ${missing.join(", ")}: run 'apt-get install ${packages}'.`;
}

/** `program`: a name on the PATH, or a path. */
function isThere(program: string): boolean {
  const folders = program.startsWith("/") ? [""] : (process.env["PATH"] ?? "").split(":");
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
