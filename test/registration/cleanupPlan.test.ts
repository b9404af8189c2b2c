import { expect, test } from 'vitest';
import { RegistrationConflict } from '../../src/registration/conflict.ts';
import { pending, planCleanup } from '../../src/registration/plan.ts';
import { emptyState, sample, soundState, withApp } from './states.ts';

const kinds = (state = soundState(), isPurge = false) =>
  Object.fromEntries(planCleanup(sample, state, { isPurge }).map(({ id, kind }) => [id, kind]));

test('cleanup removes everything that configure made, the user flow first', () => {
  expect(planCleanup(sample, soundState(), { isPurge: false }).map(({ kind, what }) => `${kind} ${what}`)).toEqual([
    'remove user flow "To-do sign-up and sign-in"',
    'remove application "To-do web app" (web-client)',
    'remove application "To-do terminal" (headless-client)',
    'remove application "To-do API" (api-client)',
  ]);
});

test('cleanup has nothing to do in an empty tenant', () => {
  expect(pending(planCleanup(sample, emptyState, { isPurge: true }))).toEqual([]);
});

test('cleanup with purge also removes deleted applications, including those of an earlier cleanup', () => {
  const { web } = soundState();
  const state = { ...emptyState, deleted: web ? [web.application] : [] };
  expect(kinds(state)).not.toHaveProperty('purge-web');
  expect(kinds(state, true)).toMatchObject({ 'purge-web': 'remove', 'purge-api': 'leave', 'remove-web': 'leave' });
});

test('cleanup keeps a user flow with our name that somebody else made', () => {
  const userFlow = { id: 'flow', displayName: sample.userFlow.displayName, description: 'by hand' };
  expect(kinds({ ...soundState(), userFlow })).toMatchObject({ 'remove-user-flow': 'leave', 'remove-web': 'remove' });
});

test.each(['api', 'web', 'headless'] as const)(
  'cleanup refuses an application with our unique name but without our tag: %s',
  (name) => {
    const unmarked = withApp(soundState(), name, { tags: ['made-by:somebody-else'] });
    expect(() => planCleanup(sample, unmarked, { isPurge: false })).toThrow(RegistrationConflict);
    const app = unmarked[name]?.application;
    const state = { ...emptyState, deleted: app ? [app] : [] };
    expect(() => planCleanup(sample, state, { isPurge: true })).toThrow(RegistrationConflict);
  },
);
