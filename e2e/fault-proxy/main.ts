import { ApiProxy } from "./api-proxy.ts";
import type { Fault, ProxyOptions } from "./fault.ts";

/** The proxy's process: it takes faults from its parent, answers each with the traffic before, and goes when that goes. */
const proxy = new ApiProxy(JSON.parse(process.argv[2] ?? "{}") as ProxyOptions);
await proxy.listen();
process.on("message", (fault: Fault) => process.send?.(proxy.become(fault)));
process.on("disconnect", () => process.exit(0));
process.send?.("listening");
