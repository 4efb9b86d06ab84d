import { text } from "node:stream/consumers";
import { rangesOfNetworks } from "./kind-ranges.ts";

/** Standard input: the JSON of `docker network inspect kind`. Standard output: one range a line. */
const networks: unknown = JSON.parse(await text(process.stdin));
for (const range of rangesOfNetworks(Array.isArray(networks) ? networks : [])) console.log(range);
