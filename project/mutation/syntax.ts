import { resolve } from "node:path";
import { type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

export { type Node, type SourceFile, SyntaxKind };

/** Parses TypeScript files with the compiler itself. */
export class Parser {
  readonly #api: API;

  /** @param root folder of the files' projects. */
  constructor(root: string) {
    this.#api = new API({ cwd: root });
  }

  /** @throws {Error} for a file that the compiler cannot read. */
  parse(file: string): SourceFile {
    const path = resolve(file);
    const snapshot = this.#api.updateSnapshot({ openFiles: [path] });
    const source = snapshot.getDefaultProjectForFile(path)?.program.getSourceFile(path);
    if (source === undefined) throw new Error(`${file}: the compiler does not know this file`);
    return source;
  }

  close(): void {
    this.#api.close();
  }
}
