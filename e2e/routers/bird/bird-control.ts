import { once } from "node:events";
import { connect } from "node:net";

/** What BIRD said. `failed`: it could not do what was asked (codes 8000 and above). */
export type BirdAnswer = { readonly text: string; readonly failed: boolean };

/** The lines of one answer end with the first whose code is followed by a blank. */
const lastLine = /^(\d{4}) (.*)$/;

/**
 * Asks a running BIRD over its control socket, without a process for each question. @param path of the socket.
 * @throws Error when nobody listens there, or the connection ends early.
 */
export async function askBird(path: string, question: string): Promise<BirdAnswer> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    socket.write(`${question}\n`);
    return await answerOn(socket.setEncoding("utf8"));
  } finally {
    socket.destroy();
  }
}

/** Behind the greeting, which is an answer by itself. */
async function answerOn(chunks: AsyncIterable<string>): Promise<BirdAnswer> {
  const lines: string[] = [];
  let rest = "";
  let greeted = false;
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) {
      const [whole, code = "", text = ""] = lastLine.exec(line) ?? [];
      if (whole === undefined) lines.push(line.startsWith(" ") ? line.slice(1) : line.slice(5));
      else if (greeted)
        return { text: [...lines, ...(Number(code) > 0 ? [text] : []), ""].join("\n"), failed: Number(code) >= 8000 };
      else greeted = true;
    }
  }
  throw new Error(`BIRD ended the connection after ${lines.length} lines`);
}
