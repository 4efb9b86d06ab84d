import { runBeat } from "./runtime/threads/beat-thread.ts";

await runBeat();
