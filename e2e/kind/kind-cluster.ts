import { spawnSync } from "node:child_process";
import type { TestCluster } from "../cluster.ts";
import { must, run } from "../lab/command.ts";
import { neighbourOf } from "../neighbour.ts";

/** Container of the client: any image with curl, bash, iproute2 and arping, on docker's network `kind`, with NET_RAW. */
const client = process.env["HERALD_E2E_CLIENT"] ?? "herald-client";

type Network = { readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] } };

/** A kind cluster that Herald was installed in, and a client container on its network. */
export function kindCluster(kubeconfig: string): TestCluster {
  const kubectl = (args: readonly string[], input = ""): ReturnType<TestCluster["kubectl"]> =>
    run("kubectl", ["--kubeconfig", kubeconfig, ...args], { input });
  const subnets = dockerSubnets();
  const inClient = (command: readonly string[]): ReturnType<TestCluster["kubectl"]> =>
    run("docker", ["exec", client, ...command]);
  return {
    families: subnets.map((subnet) => (subnet.includes(":") ? "ipv6" : "ipv4")),
    nodes: lines("kubectl", [
      "--kubeconfig",
      kubeconfig,
      "get",
      "nodes",
      "-o",
      'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}',
    ]),
    range: (first, last) => subnets.map((subnet) => rangeIn(subnet, first, last)),
    kubectl,
    async curl(url) {
      const { code, stdout } = await inClient(["curl", "-sS", "--max-time", "3", url]);
      return code === 0 ? stdout : undefined;
    },
    macOf: (address) => neighbourOf(inClient, address),
    async nodeOfMac(mac) {
      for (const node of lines("kind", ["get", "nodes", "--name", "herald"])) {
        const address = await must("docker", ["exec", node, "cat", "/sys/class/net/eth0/address"]);
        if (address.trim() === mac) return node;
      }
      return undefined;
    },
  };
}

/** Subnets of docker's network, IPv4 first; docker lists them in no particular order. */
function dockerSubnets(): readonly string[] {
  const [network] = JSON.parse(lines("docker", ["network", "inspect", "kind"]).join("\n")) as readonly Network[];
  const subnets = (network?.IPAM.Config ?? []).map(({ Subnet }) => Subnet);
  return subnets.toSorted((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
}

/** Addresses far from where docker begins to hand out: the last /24 of an IPv4 subnet. */
function rangeIn(subnet: string, first: number, last: number): string {
  const [network = "", length = "16"] = subnet.split("/");
  if (subnet.includes(":")) return `${network}ffff:${first}-${network}ffff:${last}`;
  const [a = "0", b = "0", c = "0"] = network.split(".");
  const third = Number(c) + 2 ** Math.max(0, 24 - Number(length)) - 1;
  const prefix = `${a}.${b}.${Math.min(third, 255)}`;
  return `${prefix}.${first}-${prefix}.${last}`;
}

function lines(program: string, args: readonly string[]): readonly string[] {
  const { stdout } = spawnSync(program, args, { encoding: "utf8" });
  return (stdout ?? "").split("\n").filter((line) => line !== "");
}
