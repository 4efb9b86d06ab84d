import type { Mutant } from "./mutant.ts";
import { type Node, type SourceFile, SyntaxKind } from "./syntax.ts";

type Change = Omit<Mutant, "file">;

/** Other operators to put in an operator's place. */
const otherOperators: Readonly<Record<string, readonly string[]>> = {
  "===": ["!=="],
  "!==": ["==="],
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "&&": ["||"],
  "||": ["&&"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "+=": ["-="],
  "-=": ["+="],
  ">>>": ["<<"],
  "&": ["|"],
  "|": ["&"],
};

const comparisons: ReadonlySet<string> = new Set(["===", "!==", "<", "<=", ">", ">="]);

/** Methods that are easily mistaken for each other. */
const otherMethods: ReadonlyMap<string, string> = new Map([
  ["every", "some"],
  ["some", "every"],
  ["min", "max"],
  ["max", "min"],
]);

/** Methods that pass their object on, changed in order or number: leaving the call out is a mutant. */
const passing: ReadonlySet<string> = new Set(["filter", "sort", "toSorted", "slice", "reverse", "trim"]);

/** Every mutant of one file, in the order of the text. Types, imports and texts are left as they are. */
export function mutantsOf(source: SourceFile, file: string): readonly Mutant[] {
  const changes: Change[] = [];
  const visit = (node: Node): void => {
    if (isType(node)) return;
    changes.push(...changesAt(node, source.text));
    node.forEachChild(visit);
  };
  visit(source);
  return changes.map((change) => ({ file, ...change })).sort((a, b) => a.start - b.start || a.end - b.end);
}

function changesAt(node: Node, text: string): readonly Change[] {
  switch (node.kind) {
    case SyntaxKind.BinaryExpression:
      return ofBinary(node, text);
    case SyntaxKind.PrefixUnaryExpression:
      return ofPrefix(node, text);
    case SyntaxKind.PostfixUnaryExpression:
      return swapEnd(node, text);
    case SyntaxKind.TrueKeyword:
      return [replace(node, text, "false")];
    case SyntaxKind.FalseKeyword:
      return [replace(node, text, "true")];
    case SyntaxKind.NumericLiteral:
    case SyntaxKind.BigIntLiteral:
      return [replace(node, text, `(${code(node, text)} + ${node.kind === SyntaxKind.BigIntLiteral ? "1n" : "1"})`)];
    case SyntaxKind.IfStatement:
      return ofIf(node, text);
    case SyntaxKind.ConditionalExpression:
    case SyntaxKind.WhileStatement:
      return negated(childrenOf(node)[0], text);
    case SyntaxKind.ExpressionStatement:
      return [replace(node, text, ";")];
    case SyntaxKind.CallExpression:
      return ofCall(node, text);
    default:
      return [];
  }
}

function ofBinary(node: Node, text: string): readonly Change[] {
  const [left, operator, right] = childrenOf(node);
  if (left === undefined || operator === undefined || right === undefined) return [];
  const sign = code(operator, text);
  if (sign === "??") return [replace(node, text, `(${code(left, text)})`)];
  if (sign === "+") return isText(left) || isText(right) ? [] : [replace(operator, text, "-")];
  return (otherOperators[sign] ?? []).map((other) => replace(operator, text, other));
}

function ofPrefix(node: Node, text: string): readonly Change[] {
  const whole = code(node, text);
  if (whole.startsWith("++") || whole.startsWith("--")) {
    return [replace(node, text, `${whole.startsWith("++") ? "--" : "++"}${whole.slice(2)}`)];
  }
  return whole.startsWith("!") || whole.startsWith("-") ? [replace(node, text, whole.slice(1))] : [];
}

function swapEnd(node: Node, text: string): readonly Change[] {
  const whole = code(node, text);
  return [replace(node, text, `${whole.slice(0, -2)}${whole.endsWith("++") ? "--" : "++"}`)];
}

/** The condition's contrary; and without the statement, when all it does is to leave early. */
function ofIf(node: Node, text: string): readonly Change[] {
  const [condition, consequence, otherwise] = childrenOf(node);
  const leaves = consequence !== undefined && otherwise === undefined && isExit(consequence);
  return [...negated(condition, text), ...(leaves ? [replace(node, text, ";")] : [])];
}

function isExit(node: Node): boolean {
  const exits = [SyntaxKind.ReturnStatement, SyntaxKind.ContinueStatement, SyntaxKind.BreakStatement];
  const last = node.kind === SyntaxKind.Block ? childrenOf(node).at(-1) : node;
  return last !== undefined && exits.includes(last.kind);
}

/** A comparison has its contrary among its other operators. */
function negated(condition: Node | undefined, text: string): readonly Change[] {
  if (condition === undefined) return [];
  const sign = condition.kind === SyntaxKind.BinaryExpression ? code(childrenOf(condition)[1] ?? condition, text) : "";
  return comparisons.has(sign) ? [] : [replace(condition, text, `!(${code(condition, text)})`)];
}

function ofCall(node: Node, text: string): readonly Change[] {
  const [callee] = childrenOf(node);
  if (callee === undefined || callee.kind !== SyntaxKind.PropertyAccessExpression) return [];
  const [object] = childrenOf(callee);
  const name = childrenOf(callee).at(-1);
  if (object === undefined || name === undefined) return [];
  const method = code(name, text);
  const other = otherMethods.get(method);
  if (other !== undefined) return [replace(name, text, other)];
  return passing.has(method) ? [replace(node, text, code(object, text))] : [];
}

function isText(node: Node): boolean {
  const kinds = [SyntaxKind.StringLiteral, SyntaxKind.TemplateExpression, SyntaxKind.NoSubstitutionTemplateLiteral];
  if (node.kind === SyntaxKind.BinaryExpression || node.kind === SyntaxKind.ParenthesizedExpression) {
    return childrenOf(node).some(isText);
  }
  return kinds.includes(node.kind);
}

/** What type stripping removes cannot be wrong at run time. */
function isType(node: Node): boolean {
  const kinds = [
    SyntaxKind.TypeAliasDeclaration,
    SyntaxKind.InterfaceDeclaration,
    SyntaxKind.ImportDeclaration,
    SyntaxKind.ExportDeclaration,
    SyntaxKind.LiteralType,
    SyntaxKind.TypeReference,
    SyntaxKind.TypeLiteral,
    SyntaxKind.UnionType,
  ];
  return kinds.includes(node.kind);
}

function childrenOf(node: Node): readonly Node[] {
  const children: Node[] = [];
  node.forEachChild((child) => {
    children.push(child);
    return undefined;
  });
  return children;
}

function replace(node: Node, text: string, replacement: string): Change {
  return { start: startOf(node, text), end: node.end, replacement };
}

function code(node: Node, text: string): string {
  return text.slice(startOf(node, text), node.end);
}

/** A node begins with the blanks and comments in front of it; the change does not. */
function startOf(node: Node, text: string): number {
  const [blank = ""] = /^(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/.exec(text.slice(node.pos, node.end)) ?? [];
  return node.pos + blank.length;
}
