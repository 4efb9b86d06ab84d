import { spawn } from "node:child_process";

const spin = "const parent = process.ppid; while (process.ppid === parent) for (let turn = 0; turn < 1e8; turn++);";

/**
 * Processes that take all the CPU time they can get, each a session of its own: where the kernel groups processes by session, it
 * counts for as much as a container of the lab does. @returns what ends them; they also end with this process.
 */
export function startSpinners(count: number): () => void {
  const start = () => spawn(process.execPath, ["-e", spin], { stdio: "ignore", detached: true });
  const children = Array.from({ length: count }, start);
  const kill = (): void => children.forEach((child) => void child.kill("SIGKILL"));
  process.once("exit", kill);
  return () => {
    kill();
    process.off("exit", kill);
  };
}
