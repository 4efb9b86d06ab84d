/** Valid objects of every version that together have every field of its schema; the first one is enough to be stored. */
export type Sample = { readonly spec?: object; readonly status?: object };

const selector = { matchLabels: { a: "b" }, matchExpressions: [{ key: "c", operator: "In", values: ["d"] }] };
const condition = {
  type: "Sampled",
  status: "True",
  reason: "Sample",
  message: "a sample",
  lastTransitionTime: "2026-01-01T00:00:00Z",
  observedGeneration: 1,
};
const status = { conditions: [condition] };
const announced = { node: "n1", serviceName: "web", serviceNamespace: "default" };
const numbered = {
  myASN: 64512,
  peerASN: 64513,
  peerAddress: "192.0.2.1",
  sourceAddress: "192.0.2.2",
  peerPort: 1179,
  routerID: "192.0.2.3",
  password: "secret",
  bfdProfile: "later",
  holdTime: "90s",
  keepaliveTime: "30s",
  ebgpMultiHop: true,
  nodeSelectors: [selector],
};

export const samples: { readonly [version: string]: readonly [Sample, ...Sample[]] } = {
  "IPAddressPool v1beta1": [
    {
      spec: {
        addresses: ["198.51.100.0/28"],
        autoAssign: false,
        avoidBuggyIPs: true,
        serviceAllocation: {
          priority: 1,
          namespaces: ["default"],
          namespaceSelectors: [selector],
          serviceSelectors: [selector],
        },
      },
      status: {
        ...{ assignedIPv4: 1, assignedIPv6: 0, availableIPv4: 15, availableIPv6: 0 },
        reservations: [{ address: "198.51.100.1", service: "default/web", until: "2026-01-01T00:00:00Z" }],
        ...status,
      },
    },
  ],
  "L2Advertisement v1beta1": [
    {
      spec: {
        ipAddressPools: ["later"],
        ipAddressPoolSelectors: [selector],
        nodeSelectors: [selector],
        interfaces: ["eth0"],
        serviceSelectors: [selector],
        preferredNodeSelectors: [{ weight: 5, preference: selector }],
      },
      status,
    },
  ],
  "BGPAdvertisement v1beta1": [
    {
      spec: {
        aggregationLength: 24,
        aggregationLengthV6: 64,
        asPathPrepend: 2,
        communities: ["64512:1"],
        ipAddressPools: ["later"],
        ipAddressPoolSelectors: [selector],
        localPref: 100,
        nodeSelectors: [selector],
        peers: ["later"],
      },
      status,
    },
    { spec: { ipAddressPools: ["later"], serviceSelectors: [selector] } },
  ],
  "BGPPeer v1beta1": [{ spec: numbered, status }],
  "BGPPeer v1beta2": [
    {
      spec: {
        ...numbered,
        localASN: 64514,
        connectTime: "10s",
        enableGracefulRestart: true,
        disableMP: false,
        dualStackAddressFamily: false,
        vrf: "red",
      },
      status,
    },
    {
      spec: {
        myASN: 64512,
        dynamicASN: "external",
        interface: "eth0",
        passwordSecret: { name: "later", namespace: "metallb-system", key: "password" },
      },
    },
  ],
  "BFDProfile v1beta1": [
    {
      spec: {
        receiveInterval: 300,
        transmitInterval: 300,
        echoInterval: 50,
        detectMultiplier: 3,
        minimumTtl: 254,
        echoMode: true,
        passiveMode: true,
      },
      status,
    },
  ],
  "Community v1beta1": [{ spec: { communities: [{ name: "gold", value: "64512:1" }] }, status }],
  "ServiceL2Status v1beta1": [{ spec: {}, status: { ...announced, interfaces: [{ name: "eth0" }] } }],
  "ServiceBGPStatus v1beta1": [{ spec: {}, status: { ...announced, peers: ["router"] } }],
  "ConfigurationState v1beta1": [{ status: { result: "Valid", errorSummary: "none", ...status } }],
};
