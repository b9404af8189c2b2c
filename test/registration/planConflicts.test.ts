import { describe, expect, test } from 'vitest';
import { RegistrationConflict } from '../../src/registration/conflict.ts';
import { plan } from '../../src/registration/plan.ts';
import { emptyState, sample, soundState, withApp } from './states.ts';

const keep = { credential: 'keep' } as const;

describe('the plan is refused, with advice, for', () => {
  test.each([
    [
      'an application with our unique name but without our tag',
      withApp(soundState(), 'web', { tags: [] }),
      'but not the tag made-by:entra-external-id-sample',
    ],
    [
      'a permission with another id',
      withApp(soundState(), 'api', {
        appRoles: [{ id: '11112222-bbbb-3333-cccc-4444dddd5555', value: 'ToDoList.Read.All' }],
      }),
      "Use the API's id in the manifest",
    ],
    [
      'a user flow with our name but without our marker',
      { ...soundState(), userFlow: { id: 'flow', displayName: sample.userFlow.displayName, description: '' } },
      'Choose another userFlow.displayName',
    ],
    [
      'a workforce tenant',
      { ...emptyState, tenant: { ...emptyState.tenant, tenantType: 'AAD' } },
      'is not an external tenant: its type is AAD',
    ],
  ])('%s', (_what, state, words) => {
    const run = () => plan(sample, state, keep);
    expect(run).toThrow(RegistrationConflict);
    expect(run).toThrow(words);
  });

  test('an app in another user flow', () => {
    const { web } = soundState();
    const state = { ...soundState(), web: web && { ...web, userFlow: { id: 'other', displayName: 'Staff' } } };
    expect(() => plan(sample, state, keep)).toThrow('is in the user flow "Staff", and an app can be in one only');
  });

  test('a deleted application with our unique name but without our tag', () => {
    const deleted = withApp(soundState(), 'web', { tags: [] }).web?.application;
    const state = { ...emptyState, deleted: deleted ? [deleted] : [] };
    expect(() => plan(sample, state, keep)).toThrow('but not the tag made-by:entra-external-id-sample');
  });
});
