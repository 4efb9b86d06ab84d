import { run } from "./command.ts";
import { namespacePath } from "./process.ts";

/** One HTTP request from a network namespace, on a connection of its own: the body, or undefined when there was no answer in 3 s. */
export async function curlFrom(namespace: string, url: string): Promise<string | undefined> {
  const inside = [`--net=${namespacePath(namespace)}`, "--"];
  const { code, stdout } = await run("nsenter", [...inside, "curl", "-sS", "--max-time", "3", url]);
  return code === 0 ? stdout : undefined;
}
