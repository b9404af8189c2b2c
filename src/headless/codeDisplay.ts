import { styleText } from 'node:util';
import { renderUnicodeCompact } from 'uqr';
import type { Screen } from '../entra/terminal/Output.ts';

/** Draws an address for a phone's camera, if it fits. */
export function drawQrCode(address: string, { stream, isStyled }: Screen): void {
  const lines = renderUnicodeCompact(address, { border: 2 }).split('\n');
  if (lines.some((line) => line.length > (stream.columns ?? 0))) return;
  for (const line of lines) {
    // Light on dark whatever the terminal's colours are, because not every camera reads the reverse.
    const drawn = isStyled ? styleText(['whiteBright', 'bgBlack'], line, { validateStream: false }) : line;
    stream.write(`${drawn}\n`);
  }
}

/**
 * Shows the time left on a line that is rewritten each second.
 * @param expiresAt milliseconds since 1970
 * @returns a function that stops it and clears the line
 */
export function startCountdown(expiresAt: number, { stream }: Screen): () => void {
  let width = 0;
  const rewrite = (line: string) => {
    stream.write(`\r${line.padEnd(width)}${line ? '' : '\r'}`);
    width = line.length;
  };
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((expiresAt - Date.now()) / 1_000));
    const left = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    rewrite(`Waiting, ${left} left. Ctrl-C cancels.`);
  };
  tick();
  const timer = setInterval(tick, 1_000);
  return () => {
    clearInterval(timer);
    rewrite('');
  };
}
