import { runBeat } from "./runtime/beat-thread.ts";

await runBeat();
