import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';

function invalid(text: string, offset: number, problem: string): SyntaxError {
  return new SyntaxError(`line ${lineOf(text, offset)}: the JSON is not valid: ${problem}`);
}

export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/**
 * Parses JSON and keeps the place of each value, so that problems can name a line and an edit can leave the rest alone.
 * @throws {SyntaxError} with the line
 */
export function parseJson(text: string): { readonly value: unknown; readonly root: Node } {
  // Editors on Windows start a file with a byte order mark. A space in its place keeps the offsets.
  const json = text.replace(/^\uFEFF/, ' ');
  const root = parseNodes(json);
  refuseDuplicateNames(root, json);
  return { value: JSON.parse(json), root };
}

function parseNodes(json: string): Node {
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(json, errors, { disallowComments: true });
  } catch (error) {
    // The parser is recursive.
    if (error instanceof RangeError) throw invalid(json, 0, 'nested too deeply');
    throw error;
  }
  const [first] = errors;
  if (root && !first) return root;
  const problem = first ? printParseErrorCode(first.error) : 'ValueExpected';
  // `PropertyNameExpected` becomes `property name expected`.
  throw invalid(json, first?.offset ?? 0, problem.replaceAll(/\B[A-Z]/g, ' $&').toLowerCase());
}

/** JSON.parse would keep only the last of two values. */
function refuseDuplicateNames({ children = [] }: Node, json: string): void {
  const names = new Set<unknown>();
  for (const child of children) {
    const name = child.type === 'property' ? child.children?.[0] : undefined;
    if (name && names.has(name.value)) throw invalid(json, name.offset, `"${name.value}" appears twice`);
    names.add(name?.value);
    refuseDuplicateNames(child, json);
  }
}
