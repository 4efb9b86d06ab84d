import { spawn } from "node:child_process";

export type CommandOptions = {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
};

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a program to its end. A non-zero exit is a result, not an error; a signal or a timeout counts as 128. */
export function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: { ...process.env, ...options.env } }),
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: "SIGKILL" as const }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on("error", () => {}); // a program need not read its input
    child.on("error", (cause) => reject(new Error(`cannot run ${program}: ${cause.message}`, { cause })));
    child.on("close", (code) =>
      resolve({ code: code ?? 128, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    child.stdin.end(options.input ?? "");
  });
}

/**
 * Runs a program that must succeed.
 * @returns what it wrote to stdout.
 * @throws {Error} with the command line and its stderr when it exits with anything but 0.
 */
export async function must(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await run(program, args, options);
  if (result.code === 0) return result.stdout;
  const said = (result.stderr || result.stdout).trim();
  throw new Error(`${program} ${args.join(" ")} failed with status ${result.code}: ${said}`);
}
