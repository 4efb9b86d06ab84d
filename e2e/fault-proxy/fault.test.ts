import { equal } from "node:assert/strict";
import { test } from "node:test";
import { isStatusWrite, isWatch, refusalOf } from "./fault.ts";

const service = "/api/v1/namespaces/default/services/web";

for (const { method, url, writes } of [
  { method: "PATCH", url: `${service}/status`, writes: true },
  { method: "PATCH", url: `${service}/status?fieldManager=herald`, writes: true },
  { method: "GET", url: `${service}/status`, writes: false },
  { method: "PATCH", url: service, writes: false },
  { method: "PATCH", url: `${service}?fieldManager=a/status`, writes: false },
])
  test(`${method} ${url} ${writes ? "writes" : "does not write"} a status`, () => equal(isStatusWrite(method, url), writes));

for (const { url, watches } of [
  { url: "/api/v1/services?watch=true&resourceVersion=7", watches: true },
  { url: "/api/v1/services?resourceVersion=7&watch=1", watches: true },
  { url: "/api/v1/services?limit=500", watches: false },
  { url: "/api/v1/watch", watches: false },
])
  test(`${url} ${watches ? "is a" : "is no"} watch`, () => equal(isWatch(url), watches));

test("a refusal that says when to come back says it in its header, any other is a Status", () => {
  const kind = "refuse-status-writes" as const;
  equal(refusalOf({ kind, status: 429, retryAfterSeconds: 3 }).headers["retry-after"], "3");
  equal(JSON.parse(refusalOf({ kind, status: 409 }).body).reason, "Conflict");
  equal(JSON.parse(refusalOf({ kind, status: 429 }).body).code, 429);
});
