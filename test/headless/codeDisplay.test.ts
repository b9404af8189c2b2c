import { afterEach, describe, expect, test, vi } from 'vitest';
import { drawQrCode, startCountdown } from '../../src/headless/codeDisplay.ts';

afterEach(() => {
  vi.useRealTimers();
});

function screenOf({ columns = 80, isStyled = false }) {
  const written: string[] = [];
  const screen = { stream: { columns, write: (text: string) => written.push(text) }, isStyled };
  return { screen, text: () => written.join('') };
}

const page = 'https://contoso.ciamlogin.com/common/oauth2/deviceauth';
const linesOf = (text: string) => text.split('\n').slice(0, -1);

describe('the QR code', () => {
  test('is drawn where it fits, in its own colours on a terminal with styles', () => {
    const [plain, styled] = [screenOf({ columns: 40 }), screenOf({ isStyled: true })];
    for (const { screen } of [plain, styled]) drawQrCode(page, screen);
    expect(linesOf(plain.text())).toHaveLength(19);
    for (const line of linesOf(plain.text())) expect(line).toMatch(/^[█▀▄ ]{37}$/);
    const drawn = linesOf(plain.text()).map((line) => `\u001b[97m\u001b[40m${line}\u001b[49m\u001b[39m`);
    expect(linesOf(styled.text())).toEqual(drawn);
  });

  test('is left out on a terminal that is too narrow', () => {
    const { screen, text } = screenOf({ columns: 36 });
    drawQrCode(page, screen);
    expect(text()).toBe('');
  });
});

describe('the countdown', () => {
  test('rewrites one line each second and clears it at the end', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    const { screen, text } = screenOf({ columns: 40 });
    const stop = startCountdown(Date.now() + 600_500, screen);
    vi.advanceTimersByTime(2_000);
    stop();
    vi.advanceTimersByTime(5_000);
    const texts = [
      'Waiting, 10:01 left. Ctrl-C cancels.',
      'Waiting, 10:00 left. Ctrl-C cancels.',
      'Waiting, 9:59 left. Ctrl-C cancels. ',
    ];
    expect(text()).toBe(`${texts.map((line) => `\r${line}`).join('')}\r${' '.repeat(35)}\r`);
    expect(Math.max(...texts.map((line) => line.length))).toBeLessThan(40);
  });

  test('never goes below zero', () => {
    const { screen, text } = screenOf({});
    startCountdown(Date.now() - 60_000, screen)();
    expect(text()).toContain('Waiting, 0:00 left.');
  });
});
