import { afterEach, describe } from "node:test";
import { installedLab } from "../installed-cluster.ts";
import { removeAll } from "../observe.ts";
import { testChanges } from "./changes.ts";
import { testClasses } from "./classes.ts";
import { testKeptAddresses } from "./kept-addresses.ts";
import { testLimits } from "./limits/limits.ts";
import { testPeerVersions } from "./peer-versions.ts";
import { testReasons } from "./reasons.ts";

describe("what is read back through the API server", () => {
  const lab = installedLab({ nodes: 2 });
  afterEach(() => removeAll(lab()));
  testLimits(lab);
  testPeerVersions(lab);
  testReasons(lab);
  testChanges(lab);
  testKeptAddresses(lab);
  testClasses(lab); // last: it leaves other flags behind
});
