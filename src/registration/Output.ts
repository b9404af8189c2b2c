import type { Step } from './plan.ts';

export interface OutputOptions {
  /** Takes a finished line of results. */
  readonly write: (line: string) => void;
  /** Takes a finished line of what a person reads beside the results. */
  readonly writeBeside: (line: string) => void;
  readonly isJson: boolean;
}

/** What the administrator reads: lines of text, or one JSON value a line. */
export class Output {
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** A word to a person. */
  message(text: string): void {
    if (!this.#options.isJson) this.#options.writeBeside(safe(text));
  }

  /** What happened, as text and as a value. */
  event(value: object, text: string): void {
    this.#options.write(this.#options.isJson ? JSON.stringify(value) : safe(text));
  }

  plan(steps: readonly Step[]): void {
    const marks = { create: '+ create', change: '~ change', leave: '  leave ', remove: '- remove' } as const;
    if (this.#options.isJson) this.event({ plan: steps }, '');
    else for (const { kind, what } of steps) this.event({}, `${marks[kind]}  ${what}`);
  }

  failure(name: string, message: string): void {
    const { writeBeside, isJson } = this.#options;
    writeBeside(isJson ? JSON.stringify({ error: name, message }) : message.split('\n').map(safe).join('\n'));
  }
}

/** What a tenant calls itself must not steer the terminal. */
function safe(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}
