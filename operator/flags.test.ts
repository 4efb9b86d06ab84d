import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { parseFlags } from "./framework/go-flags.ts";
import { operatorFlags, readOptions } from "./options.ts";

/** MetalLB's controller: every flag with the variable that gives its default, and its default. */
const metallb: Readonly<Record<string, readonly [env: string | undefined, preset: string | number | boolean]>> = {
  port: [undefined, 9120],
  namespace: ["METALLB_NAMESPACE", ""],
  "ml-secret-name": ["METALLB_ML_SECRET_NAME", ""],
  deployment: ["METALLB_DEPLOYMENT", ""],
  "pod-name": ["METALLB_POD_NAME", ""],
  "log-level": [undefined, "info"],
  "pprof-bind-address": [undefined, ""],
  "health-probe-port": [undefined, 17472],
  "disable-cert-rotation": [undefined, false],
  "cert-dir": [undefined, "/tmp/k8s-webhook-server/serving-certs"],
  "cert-service-name": [undefined, "metallb-webhook-service"],
  "webhook-secret": [undefined, "metallb-webhook-cert"],
  "webhook-mode": [undefined, "enabled"],
  "webhook-http2": [undefined, false],
  "lb-class": [undefined, ""],
  "tls-min-version": [undefined, ""],
  "tls-cipher-suites": [undefined, ""],
  "tls-curve-preferences": [undefined, ""],
  "metrics-cert-dir": [undefined, ""],
  kubeconfig: ["KUBECONFIG", ""],
};

const given = { string: ["a=b", "a=b"], int: ["8", 8], bool: ["true", true] } as const;
const values = (args: readonly string[], env: Record<string, string> = {}): Readonly<Record<string, unknown>> => {
  const parsed = parseFlags("controller", operatorFlags, args, env);
  return parsed.ok ? parsed.values : { text: parsed.text };
};
const refusal = (args: readonly string[], env: Record<string, string> = {}) => {
  const read = readOptions(args, env);
  return read.ok ? "accepted" : `${read.exitCode} ${read.text}`;
};

test("the flags are MetalLB's, with its variables and defaults", () => {
  const own = operatorFlags.map((flag) => [flag.name, ["env" in flag ? flag.env : undefined, flag.default]] as const);
  deepEqual(Object.fromEntries(own), metallb);
  equal(own.length, 20);
});

for (const { name, kind } of operatorFlags) {
  const [text, value] = given[kind];
  const forms = [[`-${name}=${text}`], [`--${name}=${text}`]];
  const apart = [
    [`-${name}`, text],
    [`--${name}`, text],
  ];
  const bare = [[`-${name}`], [`--${name}`]];

  test(`--${name} is read in every form of Go's`, () => {
    for (const args of [...forms, ...(kind === "bool" ? bare : apart)]) equal(values(args)[name], value, args.join(" "));
  });

  test(`--${name} without a value, or with one that is none, shows the usage`, () => {
    const wrong = kind === "bool" ? [`--${name}=maybe`] : kind === "int" ? [`--${name}=many`] : [`--${name}`];
    match(String(values(wrong)["text"]), new RegExp(`-${name}.*\\nUsage of controller:\\n`));
    equal(refusal(wrong).slice(0, 2), "2 ");
  });

  const variable = metallb[name]?.[0];
  if (variable !== undefined)
    test(`${variable} is the default of --${name}, and the flag wins`, () => {
      const env = { [variable]: "from-env" };
      deepEqual([values([], env)[name], values([`--${name}=${text}`], env)[name]], ["from-env", value]);
    });
}

test("a truth is never taken from the next word, which is then an argument that nobody asked for", () => {
  match(refusal(["--webhook-http2", "false"]), /^1 unexpected argument "false"/);
});

test("an unknown flag shows the usage with every flag, and ends with 2", () => {
  const text = refusal(["--speaker"]);
  match(text, /^2 flag provided but not defined: -speaker\nUsage of controller:\n/);
  for (const name of Object.keys(metallb)) match(text, new RegExp(`^ {2}-${name}\\b`, "m"));
});

for (const [type, backend] of [
  [undefined, "herald"],
  ["", "herald"],
  ["herald", "herald"],
  ["native", "native"],
  ["frr", "frr"],
  ["frr-k8s", "frr"],
] as const)
  test(`METALLB_BGP_TYPE ${type ?? "unset"}: the checks are those of ${backend}`, () => {
    const read = readOptions([], type === undefined ? {} : { METALLB_BGP_TYPE: type });
    equal(read.ok && read.options.backend, backend);
  });

for (const type of ["quagga", "FRR", " frr", "native "])
  test(`METALLB_BGP_TYPE ${JSON.stringify(type)} ends with 1 and names the possible values`, () => {
    const text = refusal([], { METALLB_BGP_TYPE: type });
    equal(text, "1 METALLB_BGP_TYPE must be herald, native, frr or frr-k8s, or be left unset\n");
  });

for (const mode of ["enabled", "disabled", "onlywebhook"])
  test(`--webhook-mode ${mode} is known`, () => {
    const read = readOptions([`--webhook-mode=${mode}`], {});
    equal(read.ok && read.options.webhookMode, mode);
  });

test("--webhook-secret and --cert-service-name say where the certificate is kept, and whose it is", () => {
  const read = readOptions(["--webhook-secret=kept", "--cert-service-name=front"], {});
  deepEqual(read.ok && [read.options.webhookSecret, read.options.webhookService], ["kept", "front"]);
});

test("--cert-dir counts only where certificates are not made here", () => {
  const directory = (...args: readonly string[]) => {
    const read = readOptions(args, {});
    return read.ok ? read.options.webhookCertDirectory : read.text;
  };
  equal(directory("--cert-dir=/certs"), undefined);
  equal(directory("--cert-dir=/certs", "--disable-cert-rotation"), "/certs");
});

test("--pprof-bind-address is where profiles are served; empty and 0 switch them off", () => {
  const address = (...args: readonly string[]) => {
    const read = readOptions(args, {});
    return read.ok ? read.options.profileAddress : read.text;
  };
  deepEqual(address("--pprof-bind-address=localhost:6060"), { host: "localhost", port: 6060 });
  deepEqual([address(), address("--pprof-bind-address=0")], [undefined, undefined]);
});

test("a flag that is accepted without effect is named", () => {
  const named = (...args: readonly string[]) => {
    const read = readOptions(args, {});
    return read.ok ? read.options.withoutEffect : read.text;
  };
  deepEqual([named(), named("--webhook-http2"), named("--webhook-http2=false")], [[], ["--webhook-http2"], []]);
});
