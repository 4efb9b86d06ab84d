import { spawn } from "node:child_process";

/** Processes that take all the CPU time they can get. @returns what ends them; they also end with this process. */
export function startSpinners(count: number): () => void {
  const children = Array.from({ length: count }, () => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
  const kill = (): void => children.forEach((child) => void child.kill("SIGKILL"));
  process.once("exit", kill);
  return () => {
    kill();
    process.off("exit", kill);
  };
}
