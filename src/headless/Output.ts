import { styleText } from 'node:util';
import { renderUnicodeCompact } from 'uqr';
import type { Format } from './commandLine.ts';
import { layOut, type Row, visible } from './layout.ts';

/** The part of standard output or standard error that is needed here. */
export interface TerminalStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface OutputOptions {
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly format: Format;
  /** Whether a terminal may be shown bold text; a file never is. */
  readonly isStyled: boolean;
  /** Whether the terminal shows characters beyond ASCII, which a QR code is drawn with. */
  readonly isUtf8: boolean;
}

/**
 * What the customer reads: results on standard output, all else on standard error. With JSON, one value a line, and
 * nothing that is for people only.
 */
export class Output {
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** What the command was asked for. */
  result(value: unknown, rows: readonly Row[]): void {
    const { stdout, format } = this.#options;
    stdout.write(format === 'json' ? jsonLine(value) : this.#text(rows, stdout));
  }

  /** What happens on the way: for a program as much as the result, for a person beside it. */
  event(value: unknown, rows: readonly Row[]): void {
    const { stdout, stderr, format } = this.#options;
    if (format === 'json') stdout.write(jsonLine(value));
    else stderr.write(this.#text(rows, stderr));
  }

  /** A word to a person. */
  message(text: string): void {
    const { stderr, format } = this.#options;
    if (format === 'text') stderr.write(this.#text([{ text }], stderr));
  }

  /** Why it was not done. @param name the kind of failure, for programs */
  failure(name: string, message: string): void {
    const { stderr, format } = this.#options;
    const rows = message.split('\n').map((text) => ({ text }));
    stderr.write(format === 'json' ? jsonLine({ error: name, message }) : this.#text(rows, stderr));
  }

  /** Draws an address for a telephone's camera, if a person sees it and it fits. */
  qrCode(address: string): void {
    const { stderr, isUtf8 } = this.#options;
    if (!isUtf8 || !this.#isWatched()) return;
    const lines = renderUnicodeCompact(address, { border: 2 }).split('\n');
    if (lines.some((line) => line.length > (stderr.columns ?? 0))) return;
    // Light on dark whatever the terminal's colours are: not every camera reads the reverse.
    for (const line of lines) stderr.write(`${this.#isStyled(stderr) ? lightOnDark(line) : line}\n`);
  }

  /**
   * Shows the time left: a line rewritten each second to one who watches, else one line with the time of the end.
   * @param expiresAt milliseconds since 1970
   * @returns ends it and clears the line
   */
  countdown(expiresAt: number): () => void {
    const { stderr } = this.#options;
    if (!this.#isWatched()) {
      this.message(`Waiting until ${new Date(expiresAt).toISOString().replace(/\.\d+/, '')}.`);
      return () => {};
    }
    let width = 0;
    const rewrite = (line: string) => {
      stderr.write(`\r${line.padEnd(width)}${line ? '' : '\r'}`);
      width = line.length;
    };
    const tick = () => rewrite(`Waiting, ${timeLeft(expiresAt)} left. Ctrl-C ends.`);
    tick();
    const timer = setInterval(tick, 1_000);
    return () => {
      clearInterval(timer);
      rewrite('');
    };
  }

  #isWatched(): boolean {
    const { stderr, format } = this.#options;
    return format === 'text' && stderr.isTTY === true;
  }

  #isStyled({ isTTY }: TerminalStream): boolean {
    return this.#options.isStyled && isTTY === true;
  }

  #text(rows: readonly Row[], stream: TerminalStream): string {
    const columns = stream.isTTY ? stream.columns || 80 : undefined;
    return layOut(rows, { columns, isStyled: this.#isStyled(stream) });
  }
}

/** JSON leaves C1 controls and the direction of writing as they are; such stand in strings only, where an escape may. */
function jsonLine(value: unknown): string {
  return `${visible(JSON.stringify(value))}\n`;
}

function timeLeft(expiresAt: number): string {
  const seconds = Math.max(0, Math.ceil((expiresAt - Date.now()) / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function lightOnDark(line: string): string {
  return styleText(['whiteBright', 'bgBlack'], line, { validateStream: false });
}
