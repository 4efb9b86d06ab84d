import { equal, match, notEqual, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { urlOf } from "../cluster.ts";
import { bareLab } from "../installed-cluster.ts";
import { echoDeployment, service } from "../manifests.ts";
import { apply, read, ready } from "../observe.ts";
import { must, run } from "./command.ts";
import { mainPidOf } from "./container-process.ts";
import { namespacesOf } from "./network.ts";
import { projectDir } from "./start.ts";
import { labIds, stateDir } from "./state.ts";
import { eventually } from "./until.ts";

const main = join(projectDir, "e2e/lab/main.ts");

describe("the lab", () => {
  const lab = bareLab();

  before(async () => {
    await apply(lab(), echoDeployment("web", 3), service("web"));
    await ready(lab(), "deployment/web");
  });

  function processOf(pod: string, container: string): number {
    const file = join(stateDir(lab().topology.id), "pods", `default_${pod}`, `${container}.pid`);
    return mainPidOf(Number(readFileSync(file, "utf8"))) ?? 0;
  }

  test("kube-proxy carries a LoadBalancer's address from the client to pods on every node", async () => {
    const ingress = [{ ip: "172.30.0.250" }, { ip: "fd30::250" }];
    const patch = JSON.stringify({ status: { loadBalancer: { ingress } } });
    await lab().kubectl(["patch", "service", "web", "--subresource=status", "--type=merge", "-p", patch]);
    const [n2] = JSON.parse(await must("ip", ["-n", lab().topology.nodes[1]?.namespace ?? "", "-j", "link", "show", "eth0"]));
    for (const { ip } of ingress) {
      await lab().exec("c", ["ip", "neigh", "replace", ip, "lladdr", n2.address, "dev", "eth0"]);
      await eventually(`${ip} answers`, 10_000, () => lab().curl(urlOf(ip)));
      const answers = await Promise.all(Array.from({ length: 60 }, () => lab().curl(urlOf(ip))));
      equal(new Set(answers.map((answer) => answer?.split(" ")[1])).size, 3);
    }
  });

  test("a ClusterIP answers on the control plane too, where webhooks are called from", async () => {
    const address = await read(lab(), "service/web", "{.spec.clusterIP}");
    await eventually("the ClusterIP answers", 10_000, async () => {
      const { code } = await lab().exec("cp", ["curl", "-sS", "--max-time", "2", urlOf(address)]);
      return code === 0 || undefined;
    });
  });

  test("nobody answers for an address that no machine has", async () => {
    for (const address of ["172.30.0.251", "fd30::251"]) equal(await lab().macOf(address), undefined);
    for (const address of ["172.30.0.12", "fd30::12"]) {
      const mac = await eventually(`${address} has a MAC`, 5000, () => lab().macOf(address));
      equal(await lab().nodeOfMac(mac), "n2");
    }
  });

  test("a container has the user, capabilities and files that its pod grants, and no others", async () => {
    const securityContext = {
      ...{ runAsUser: 65534, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ["ALL"], add: ["NET_RAW"] },
    };
    const container = { name: "echo", image: "agnhost:2", securityContext };
    const pod = (name: string, more: object): object => ({
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default" } },
      spec: { hostNetwork: true, nodeName: name, containers: [{ ...container, ...more }] },
    });
    await apply(lab(), pod("n1", {}), pod("n2", { securityContext: { ...securityContext, runAsUser: 0 } }));
    for (const name of ["n1", "n2"]) await lab().kubectl(["wait", "pod", name, "--for=condition=Ready", "--timeout=20s"]);
    const field = (name: string, key: string): string =>
      new RegExp(`^${key}:\\s*(.*)$`, "m").exec(readFileSync(`/proc/${processOf(name, "echo")}/status`, "utf8"))?.[1] ?? "";
    for (const name of ["n1", "n2"])
      await eventually(
        "the program runs",
        5000,
        async () => readlinkSync(`/proc/${processOf(name, "echo")}/exe`).endsWith("/node") || undefined,
      );
    equal(field("n2", "CapEff"), "0000000000002000");
    match(field("n1", "Uid"), /^65534\t65534/);
    equal(field("n1", "CapEff"), "0000000000000000", "a user that is not root has no capability");
    for (const name of ["n1", "n2"]) {
      equal(field(name, "CapBnd"), "0000000000002000");
      equal(field(name, "NoNewPrivs"), "1");
      const root = `/proc/${processOf(name, "echo")}/root`;
      match(readFileSync(`${root}/var/run/secrets/kubernetes.io/serviceaccount/token`, "utf8"), /^eyJ/);
      match(readFileSync(`/proc/${processOf(name, "echo")}/mounts`, "utf8"), /^\S+ \/ tmpfs ro,/m);
    }
  });

  test("a container that is killed starts again, and the pod counts it", async () => {
    const pod = await read(lab(), "pods", '{.items[?(@.metadata.labels.app=="web")].metadata.name}').then(
      (names) => names.split(" ")[0] ?? "",
    );
    lab().killPod("default", pod, "echo");
    await eventually("the restart is counted", 10_000, async () => {
      return (await read(lab(), `pod/${pod}`, "{.status.containerStatuses[0].restartCount}")) === "1" || undefined;
    });
  });

  test("a pod that others call unready is called ready again, as kubelet does it", async () => {
    const pods = (await read(lab(), "pods", '{.items[?(@.metadata.labels.app=="web")].metadata.name}')).split(" ");
    const name = pods.at(-1) ?? "";
    await lab().kubectl(["wait", "pod", name, "--for=condition=Ready", "--timeout=20s"]);
    const patch = JSON.stringify({ status: { conditions: [{ type: "Ready", status: "False" }] } });
    equal((await lab().kubectl(["patch", "pod", name, "--subresource=status", "-p", patch])).code, 0);
    equal((await lab().kubectl(["wait", "pod", name, "--for=condition=Ready", "--timeout=20s"])).code, 0);
  });

  test("an image that the lab does not have is not pulled, as kubectl shows", async () => {
    await lab().kubectl(["run", "stranger", "--image=myapp:v1", "--restart=Always"]);
    await eventually("the pod waits for its image", 10_000, async () => {
      const reason = await read(lab(), "pod/stranger", "{.status.containerStatuses[0].state.waiting.reason}");
      return reason === "ImagePullBackOff" || undefined;
    });
  });

  test("a second up of the same id is refused in one sentence", async () => {
    const { code, stderr } = await run(process.execPath, [main, "up", "--id", lab().topology.id]);
    equal(code, 1);
    match(stderr, /^lab ".*" exists already: .*\n$/);
  });
});

test("an interrupted up leaves nothing", async () => {
  const id = "interrupt";
  const up = run(process.execPath, [main, "up", "--id", id]);
  await eventually("etcd's folder is there", 10_000, async () => labIds().includes(id) || undefined);
  await eventually("a namespace is there", 10_000, async () => namespacesOf(id).length > 3 || undefined);
  const { stdout } = await run("pgrep", ["-f", `main.ts up --id ${id}$`]);
  process.kill(Number(stdout.trim().split("\n")[0]), "SIGINT");
  notEqual((await up).code, 0);
  equal(namespacesOf(id).length, 0);
  ok(!labIds().includes(id));
});

test("an interrupted test leaves none of its labs", async () => {
  const script = `const { startTestLab } = await import(${JSON.stringify(join(import.meta.dirname, "with-lab.ts"))});
    await (await startTestLab({ nodes: 1 })).stop();
    const labs = await Promise.all([startTestLab({ nodes: 1 }), startTestLab({ nodes: 2 })]);
    console.log(labs.map(({ lab }) => lab.topology.id).join(" "));
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = await once(owner.stdout, "data");
  const ids = String(said).trim().split(" ");
  equal(ids.length, 2);
  owner.kill("SIGTERM");
  const [, signal] = await once(owner, "exit");
  equal(signal, "SIGTERM");
  for (const id of ids) equal(namespacesOf(id).length, 0);
  ok(!labIds().some((id) => ids.includes(id)));
});

test("a lab whose test is killed goes by itself", async () => {
  const script = `const { startTestLab } = await import(${JSON.stringify(join(import.meta.dirname, "with-lab.ts"))});
    console.log((await startTestLab({ nodes: 1 })).lab.topology.id);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = await once(owner.stdout, "data");
  const id = String(said).trim();
  notEqual(namespacesOf(id).length, 0);
  owner.kill("SIGKILL");
  await eventually("the lab is gone", 20_000, async () => !labIds().includes(id) || undefined);
  equal(namespacesOf(id).length, 0);
});
