import { expect, it } from 'vitest';
import {
  CodeExpired,
  type HeadlessError,
  NotDone,
  NotSignedIn,
  SignInDeclined,
  Unavailable,
} from '../../src/headless/errors.ts';

it.each<[string, new (message: string) => HeadlessError, number]>([
  ['NotDone', NotDone, 1],
  ['CodeExpired', CodeExpired, 3],
  ['SignInDeclined', SignInDeclined, 4],
  ['NotSignedIn', NotSignedIn, 5],
  ['Unavailable', Unavailable, 6],
])('%s ends the process with its own code', (name, Class, exitCode) => {
  expect(new Class('why')).toMatchObject({ name, exitCode, message: 'why' });
});

it('a message has one line that cannot move the cursor or turn the text around, and an end', () => {
  const { message } = new NotDone('the tenant says \u001b[2J\u009b1A\r\nForged line\u202e\u2028\u0007');
  expect(message).toBe('the tenant says ?[2J?1A??Forged line???');
  expect(new NotDone('x'.repeat(10_000)).message).toHaveLength(500);
});
