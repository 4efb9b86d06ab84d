/**
 * What becomes of every YAML that five guides on load balancing for bare metal show. The files under yaml/ hold each piece
 * with its indentation, line breaks and document separators restored, and nothing else changed.
 */
export type Outcome =
  /** kubectl creates or updates exactly these objects. */
  | { readonly type: "applies"; readonly objects: readonly string[] }
  /** The API server or a webhook refuses it, with these words among others. */
  | { readonly type: "refused"; readonly words: readonly string[] }
  /** kubectl finds nothing in it that a cluster takes. */
  | { readonly type: "not-an-object"; readonly words: readonly string[] };

export type Guide = {
  readonly file: string;
  readonly outcome: Outcome;
  /** Parts were cut out of the guide; what was supplied. */
  readonly completed?: string;
  /** What a reader of the guide should know. */
  readonly note?: string;
};

const noImage = "spec.template.spec.containers[0].image: Required value";
const noSelector = "`selector` does not match template `labels`";
const notApi = ["apiVersion not set", "kind not set"];

const applies = (...objects: readonly string[]): Outcome => ({ type: "applies", objects });
const refused = (...words: readonly string[]): Outcome => ({ type: "refused", words });
const notAnObject = (...words: readonly string[]): Outcome => ({ type: "not-an-object", words });
const noMatches = (kind: string): Outcome => notAnObject(`no matches for kind "${kind}"`);
const pool = (name: string): string => `ipaddresspool.metallb.io/${name}`;
const l2 = (name: string): string => `l2advertisement.metallb.io/${name}`;

/** A pool that is refused beside `layer2-pool`: both names, both ranges, the shared addresses. */
const overlaps = (name: string, range: string, shared: string): Outcome =>
  refused(
    "overlaps with already defined CIDR",
    "layer2-pool",
    "10.0.3.100-10.0.3.150",
    name,
    range,
    `both could assign ${shared}`,
  );

/** In the order in which they are applied: that of the guides. */
export const guides: readonly Guide[] = [
  { file: "01", outcome: noMatches("KubeProxyConfiguration"), note: "a text of the ConfigMap kube-proxy" },
  { file: "02", outcome: applies("configmap/config"), note: "the configuration of MetalLB before 0.13; it has no effect" },
  { file: "03", outcome: applies("service/nginx-svc") },
  { file: "04", outcome: applies("deployment.apps/demo"), note: "its image does not exist" },
  { file: "05", outcome: applies(pool("default-pool"), l2("default-l2")) },
  {
    file: "06",
    outcome: applies("bgppeer.metallb.io/router-peer", pool("bgp-pool"), "bgpadvertisement.metallb.io/bgp-advert"),
  },
  { file: "07", outcome: applies(pool("kind-pool"), l2("kind-l2")) },
  { file: "08", outcome: notAnObject(...notApi), note: "Helm values" },
  { file: "09", outcome: applies(pool("layer2-pool")) },
  {
    file: "10-nodashes",
    outcome: applies(pool("bgp-pool-production")),
    note: "two objects without a separator: kubectl keeps the last of the duplicate keys, the L2Advertisement is lost",
  },
  { file: "10", outcome: applies(l2("layer2-advertisement"), pool("bgp-pool-production")) },
  { file: "11", outcome: applies("bgppeer.metallb.io/router-1") },
  { file: "12", outcome: applies("bgpadvertisement.metallb.io/production-advertisement") },
  { file: "13", outcome: applies("bfdprofile.metallb.io/default-bfd") },
  { file: "14", outcome: applies("community.metallb.io/production-community") },
  {
    file: "15",
    outcome: applies("bgppeer.metallb.io/core-router-primary"),
    note: "a second peer with the address of router-1: a warning, and refused only with METALLB_BGP_TYPE frr or frr-k8s",
  },
  {
    file: "16",
    outcome: applies("bgppeer.metallb.io/core-router-secondary"),
    note: "its router id differs from that of router-1: refused only with METALLB_BGP_TYPE frr or frr-k8s",
  },
  { file: "17", outcome: overlaps("zone-a-pool", "10.0.3.100-10.0.3.120", "10.0.3.100-10.0.3.120") },
  { file: "18", outcome: overlaps("zone-b-pool", "10.0.3.130-10.0.3.150", "10.0.3.130-10.0.3.150") },
  { file: "19", outcome: applies(l2("zone-aware-advertisement")), note: "names two pools that were refused" },
  { file: "20", outcome: overlaps("internal-pool", "10.0.3.100-10.0.3.130", "10.0.3.100-10.0.3.130") },
  { file: "21", outcome: applies(pool("external-pool")) },
  { file: "22", outcome: applies("service/internal-app"), note: "its loadBalancerClass is handled by nobody" },
  { file: "23", outcome: applies("networkpolicy.networking.k8s.io/metallb-controller-policy") },
  { file: "24", outcome: applies("networkpolicy.networking.k8s.io/metallb-speaker-policy") },
  { file: "25", outcome: refused(noSelector, noImage), note: "a fragment" },
  { file: "26", outcome: noMatches("ServiceMonitor") },
  { file: "27", outcome: noMatches("ServiceMonitor") },
  { file: "28", outcome: notAnObject(...notApi), note: "a Grafana dashboard" },
  { file: "29", outcome: noMatches("PrometheusRule") },
  { file: "30", outcome: applies("service/web-frontend-lb"), note: "as 22" },
  { file: "31", outcome: applies("service/api-gateway-lb"), note: "as 22" },
  { file: "32", outcome: applies("service/postgresql-primary-lb"), note: "asks for internal-pool, which was refused" },
  { file: "33", outcome: applies("service/postgresql-readonly-lb"), note: "as 32" },
  { file: "34", outcome: refused(noSelector, noImage), note: "a fragment" },
  { file: "35", outcome: noMatches("KubeProxyConfiguration"), completed: "apiVersion and the key ipvs" },
  { file: "36", outcome: applies(pool("production")), completed: "apiVersion, metadata, spec, addresses" },
  { file: "37", outcome: applies(l2("external")), completed: "apiVersion, metadata, spec.ipAddressPools" },
  { file: "38", outcome: applies("service/nginx"), completed: "metadata, the annotation's key, spec" },
  { file: "39", outcome: notAnObject("found unknown escape character"), completed: "the structure", note: "a shell escape" },
];
