/** A JSON value with its place in the text, so that problems can be told by line and entries be replaced in place. */
export interface JsonNode {
  readonly value: unknown;
  /** Offsets in the text; `end` is the first character after the value. */
  readonly start: number;
  readonly end: number;
  /** Members of an object by name, elements of an array by index. */
  readonly children: ReadonlyMap<string | number, JsonNode>;
}

/** The text is not JSON; the message says what and where, and `line` counts from 1. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly line: number;

  constructor(message: string, text: string, offset: number) {
    super(message);
    this.line = lineOf(text, offset);
  }
}

/** The line of an offset, counted from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/**
 * Parses JSON. Node's own parser tells neither lines (before Node 22) nor the places of values.
 * @throws {JsonError}
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function parseJson(text: string): JsonNode {
  const parser = new Parser(text);
  const node = parser.readValue(0);
  parser.expectEnd();
  return node;
}

const maxDepth = 100;

class Parser {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readValue(depth: number): JsonNode {
    this.#skipSpace();
    if (depth > maxDepth) throw this.#problem(`is nested more than ${maxDepth} deep`);
    const first = this.#text[this.#offset];
    if (first === '{') return this.#readObject(depth);
    if (first === '[') return this.#readArray(depth);
    return this.#readScalar();
  }

  expectEnd(): void {
    this.#skipSpace();
    if (this.#offset < this.#text.length) throw this.#problem('has more text after its end');
  }

  #readObject(depth: number): JsonNode {
    const start = this.#offset;
    const children = new Map<string, JsonNode>();
    this.#readList('}', () => {
      const { value: name } = this.#readName();
      if (children.has(name)) throw this.#problem(`names "${name}" twice`);
      this.#take(':');
      children.set(name, this.readValue(depth + 1));
    });
    const value = Object.fromEntries([...children].map(([name, child]) => [name, child.value]));
    return { value, start, end: this.#offset, children };
  }

  #readArray(depth: number): JsonNode {
    const start = this.#offset;
    const elements: JsonNode[] = [];
    this.#readList(']', () => elements.push(this.readValue(depth + 1)));
    const value = elements.map((element) => element.value);
    return { value, start, end: this.#offset, children: new Map(elements.entries()) };
  }

  /** Reads what stands between brackets, separated by commas, brackets included. */
  #readList(close: string, readEntry: () => void): void {
    this.#offset += 1;
    this.#skipSpace();
    if (this.#text[this.#offset] !== close) {
      readEntry();
      while (this.#isNext(',')) {
        this.#offset += 1;
        readEntry();
      }
    }
    this.#take(close, `a comma or ${close}`);
  }

  #readName(): { value: string } {
    this.#skipSpace();
    const { value } = this.#text[this.#offset] === '"' ? this.#readScalar() : { value: undefined };
    if (typeof value !== 'string') throw this.#problem('needs a name in double quotes');
    return { value };
  }

  #readScalar(): JsonNode {
    const token = /"(?:[^"\\\n]|\\.)*"|[^\s{}[\],:"]+/y;
    token.lastIndex = this.#offset;
    const [text = ''] = token.exec(this.#text) ?? [];
    const start = this.#offset;
    const value = this.#parseScalar(text);
    this.#offset += text.length;
    return { value, start, end: this.#offset, children: new Map() };
  }

  #parseScalar(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.#problem('needs a value: text in double quotes, a number, true, false, null, { or [');
    }
  }

  #take(character: string, wanted = character): void {
    if (!this.#isNext(character)) throw this.#problem(`needs ${wanted}`);
    this.#offset += 1;
  }

  #isNext(character: string): boolean {
    this.#skipSpace();
    return this.#text[this.#offset] === character;
  }

  #skipSpace(): void {
    // Editors on Windows begin a file with a byte order mark (U+FEFF).
    while (/[ \t\r\n\uFEFF]/.test(this.#text[this.#offset] ?? '')) this.#offset += 1;
  }

  #problem(what: string): JsonError {
    return new JsonError(what, this.#text, this.#offset);
  }
}
