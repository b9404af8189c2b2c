import { visibleText } from '../../runtime/visibleText.ts';
import { layOut, type Row } from './layOut.ts';

/** The part of standard output or standard error that is needed here. */
interface TerminalStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface Screen {
  readonly stream: TerminalStream;
  readonly isStyled: boolean;
}

/** For people, or for programs: JSON. */
export type Format = 'text' | 'json';

export interface OutputOptions {
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly format: Format;
  /** Whether a terminal may show bold text; a file never gets any. Default: false. */
  readonly isStyled?: boolean;
}

/**
 * What a command writes: results to standard output, everything else to standard error. As JSON, one value a line and
 * nothing that is only for people.
 */
export class Output {
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** What the command was asked for. A row is one line of text, whatever it contains. */
  result(value: unknown, rows: Row | readonly Row[]): void {
    const { stdout, format } = this.#options;
    stdout.write(format === 'json' ? jsonLine(value) : this.#text(rows, stdout));
  }

  /** A step on the way to the result. Programs get it with the results. */
  event(value: unknown, rows: Row | readonly Row[]): void {
    const { stdout, stderr, format } = this.#options;
    if (format === 'json') stdout.write(jsonLine(value));
    else stderr.write(this.#text(rows, stderr));
  }

  /** Only for people. */
  message(text: string): void {
    const { stderr, format } = this.#options;
    if (format === 'text') stderr.write(this.#text(text, stderr));
  }

  /** Why the command failed. @param error its name is for programs; its message may have several lines */
  failure({ name, message }: Pick<Error, 'name' | 'message'>): void {
    const { stderr, format } = this.#options;
    stderr.write(format === 'json' ? jsonLine({ error: name, message }) : this.#text(message.split('\n'), stderr));
  }

  /** The terminal that a person watches while the command runs; undefined when there is none. */
  get screen(): Screen | undefined {
    const { stderr, format, isStyled = false } = this.#options;
    return format === 'text' && stderr.isTTY ? { stream: stderr, isStyled } : undefined;
  }

  #text(rows: Row | readonly Row[], { isTTY = false, columns }: TerminalStream): string {
    const { isStyled = false } = this.#options;
    return layOut([rows].flat(), { columns: isTTY ? columns || 80 : undefined, isStyled: isStyled && isTTY });
  }
}

/** JSON leaves C1 controls and changes of direction as they are. They occur only in strings, which can have escapes. */
function jsonLine(value: unknown): string {
  return `${visibleText(JSON.stringify(value))}\n`;
}
