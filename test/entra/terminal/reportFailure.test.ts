import { expect, it } from 'vitest';
import { NotDone, UsageError } from '../../../src/entra/terminal/CommandError.ts';
import { reportFailure } from '../../../src/entra/terminal/reportFailure.ts';
import { SettingsError } from '../../../src/runtime/settings.ts';

function report(error: unknown) {
  const shown: { name: string; message: string }[] = [];
  const exitCode = reportFailure(error, { failure: ({ name, message }) => void shown.push({ name, message }) }, false);
  return { exitCode, shown };
}

it.each([
  [new NotDone('It was refused.'), 1, 'It was refused.'],
  [new UsageError('No such option.'), 2, 'No such option.'],
  [new SettingsError(['PORT is missing']), 2, 'PORT is missing'],
])('%s ends the command with its own exit code and message', (error, exitCode, message) => {
  expect(report(error)).toEqual({ exitCode, shown: [{ name: error.name, message: expect.stringContaining(message) }] });
});

it('any other error is reported as unexpected', () => {
  expect(report(new TypeError('x is not a function'))).toEqual({
    exitCode: 1,
    shown: [{ name: 'TypeError', message: 'Unexpected error: x is not a function (DEBUG=1 shows where)' }],
  });
  expect(report('thrown text').exitCode).toBe(1);
});

it('an error message is one line that cannot move the cursor or reorder text, and has a limit', () => {
  const { message } = new NotDone('the tenant says \u001b[2J\u009b1A\r\nForged line\u202e\u2028\u0007');
  expect(message).toBe('the tenant says \\u001b[2J\\u009b1A\\u000d\\u000aForged line\\u202e\\u2028\\u0007');
  expect(new NotDone('x'.repeat(10_000)).message).toHaveLength(1_000);
});
