import { styleText } from 'node:util';

/** A line of an answer: a text, and before it what it is. */
export interface Row {
  readonly label?: string;
  readonly text: string;
}

export interface Page {
  /** Where lines are wrapped; undefined: nowhere, so that a program finds each row in one line. */
  readonly columns: number | undefined;
  /** Whether labels may be bold. */
  readonly isStyled: boolean;
}

/** Below this, a long label stands on a line of its own. */
const narrow = 60;
const longLabel = 8;

/** Lays rows out as text; whatever they hold, it cannot steer the terminal. */
export function layOut(rows: readonly Row[], page: Page): string {
  const labels = rows.map(({ label = '' }) => visible(label));
  const widest = Math.max(0, ...labels.map((label) => label.length));
  const isStacked = page.columns !== undefined && page.columns < narrow && widest > longLabel;
  const lines = rows.flatMap(({ text }, index) => {
    const label = labels[index] ?? '';
    if (!label) return wrapped(visible(text), page.columns, 0);
    if (isStacked) return [strong(label, page), ...wrapped(visible(text), page.columns, 2)];
    const [first = '', ...others] = wrapped(visible(text), page.columns, widest + 2);
    return [`${strong(label, page)}${first.slice(label.length)}`, ...others];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function strong(text: string, { isStyled }: Page): string {
  return isStyled ? styleText('bold', text, { validateStream: false }) : text;
}

/**
 * Controls (with them every escape sequence, C1 forms included), line separators, halves of characters, and invisible
 * characters that turn the direction of writing; but not the joiners that emoji and some scripts need.
 */
const steering = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/gu;

/**
 * A text with what could steer a terminal spelt out, as in JSON: a to-do could else clear the screen, retitle the
 * window or pretend to be another line.
 * @see https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
export function visible(text: string): string {
  return text.replace(steering, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Breaks a text between words; a word longer than a line is left to the terminal, so that an address can be copied. */
function wrapped(text: string, columns: number | undefined, indent: number): string[] {
  const space = ' '.repeat(indent);
  if (columns === undefined) return [space + text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && indent + line.length + 1 + word.length > columns) {
      lines.push(space + line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, space + line];
}
