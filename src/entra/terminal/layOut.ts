import { styleText } from 'node:util';
import { visibleText } from '../../runtime/visibleText.ts';

/** A line of output, or a text with a label before it. */
export type Row = string | { readonly label: string; readonly text: string };

/** On a terminal narrower than this, long labels get a line of their own. */
const narrow = 60;
const longLabel = 8;

/**
 * Lays rows out as text that cannot control the terminal, whatever they contain.
 * @param page.columns where lines are wrapped; undefined: nowhere, so that a program finds each row on one line
 * @param page.isStyled whether labels may be bold
 */
export function layOut(
  rows: readonly Row[],
  page: { readonly columns: number | undefined; readonly isStyled: boolean },
): string {
  const { columns, isStyled } = page;
  const cells = rows.map((row) => (typeof row === 'string' ? { label: '', text: row } : row));
  const safe = cells.map(({ label, text }) => ({ label: visibleText(label), text: visibleText(text) }));
  const widest = Math.max(0, ...safe.map(({ label }) => label.length));
  const isStacked = columns !== undefined && columns < narrow && widest > longLabel;
  const lines = safe.flatMap(({ label, text }) => {
    if (!label) return wrap(text, 0, columns);
    const strong = isStyled ? styleText('bold', label, { validateStream: false }) : label;
    if (isStacked) return [strong, ...wrap(text, 2, columns)];
    const [first = '', ...others] = wrap(text, widest + 2, columns);
    return [strong + first.slice(label.length), ...others];
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** Breaks a text between words. Longer words are left to the terminal, so that an address can be copied. */
function wrap(text: string, indent: number, columns = Number.POSITIVE_INFINITY): string[] {
  const space = ' '.repeat(indent);
  const [first = '', ...words] = text.split(' ');
  const lines = [space + first];
  for (const word of words) {
    const line = lines.at(-1) ?? '';
    if (line.trim() && line.length + 1 + word.length > columns) lines.push(space + word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
