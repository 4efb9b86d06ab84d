/** The pools of every test: beside the allocator's other fakes. */
export { pool, snapshot } from "../../../crds/config/fixture/pools.ts";
