/**
 * Whether a Service of this `spec.loadBalancerClass` is to be served under the flag `--lb-class`: a comma-separated list
 * of classes, where `prefix/*` stands for every class with that prefix and an empty item for Services without a class.
 * The empty flag is one empty item. MetalLB knows one class or none.
 */
export function servesClass(flag: string, loadBalancerClass: string | undefined): boolean {
  const asked = loadBalancerClass ?? "";
  if (flag === "") return asked === "";
  return itemsOf(flag).some((item) => item === asked || (item.endsWith("/*") && asked.startsWith(item.slice(0, -1))));
}

/** What is wrong with the value of the flag, and the way out; undefined when nothing is. */
export function classFlagProblem(flag: string): string | undefined {
  const wrong = itemsOf(flag).find((item) => item !== "" && !classText.test(item));
  if (wrong === undefined) return undefined;
  return (
    `${JSON.stringify(wrong)} is no loadBalancerClass: write names such as metallb.io/internal, separated by commas; ` +
    "metallb.io/* for all with that prefix, and an empty item for Services without a class"
  );
}

/** A label key, as Kubernetes wants it in `spec.loadBalancerClass`; or a prefix and a star. */
const classText =
  /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?$|^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/\*$/;

function itemsOf(flag: string): readonly string[] {
  return flag.split(",").map((item) => item.trim());
}
