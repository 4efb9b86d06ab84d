import { write } from "node:fs";

/**
 * Writes one line in the form of the log to standard error, without the thread that logs. Never waits for a reader.
 * @param caller file that says it. @param done the line is out, or cannot be written.
 */
export function writeErrorLine(caller: string, message: string, done: () => void = () => undefined): void {
  const line = { ts: new Date().toISOString(), level: "error", caller, msg: message };
  write(2, `${JSON.stringify(line)}\n`, () => done());
}
