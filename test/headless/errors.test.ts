import { expect, it } from 'vitest';
import { type CommandError, NotDone, UsageError } from '../../src/entra/terminal/CommandError.ts';
import { CodeExpired, NotSignedIn, SignInDeclined, Unavailable } from '../../src/headless/errors.ts';

it.each<[string, new (message: string) => CommandError, number]>([
  ['NotDone', NotDone, 1],
  ['UsageError', UsageError, 2],
  ['CodeExpired', CodeExpired, 3],
  ['SignInDeclined', SignInDeclined, 4],
  ['NotSignedIn', NotSignedIn, 5],
])('%s has its own exit code', (name, Class, exitCode) => {
  expect(new Class('why')).toMatchObject({ name, exitCode, message: 'why' });
});

it('Unavailable has its own exit code and says when to try again', () => {
  expect(new Unavailable('Gone.', undefined)).toMatchObject({ exitCode: 6, message: 'Gone. Try again later.' });
  expect(new Unavailable('Gone.', 7)).toMatchObject({ name: 'Unavailable', message: 'Gone. Try again in 7 s.' });
});
