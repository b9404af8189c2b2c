import { describe, expect, test } from 'vitest';
import { plan } from '../../src/registration/plan.ts';
import type { TenantState } from '../../src/registration/read.ts';
import type { PlanOptions } from '../../src/registration/step.ts';
import { sample, soundState, withApp } from './states.ts';

function said(state: TenantState, id: string, options: PlanOptions): string {
  const step = plan(sample, state, options).find((each) => each.id === id);
  return `${step?.kind}: ${step?.what}`;
}

describe('the secret', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  const ours = {
    keyId: 'k1',
    displayName: 'entra-external-id-sample 2026-11-20',
    hint: 'abc',
    startDateTime: '2026-11-21T11:00:00Z',
    endDateTime: '2027-05-01T00:00:00Z',
  };
  const withSecrets = (...passwordCredentials: object[]) => withApp(soundState(), 'web', { passwordCredentials });

  test('in .env stays if the app has it, whoever made it', () => {
    const options = { credential: 'secret', secret: 'abcdefgh', now } as const;
    expect(said(withSecrets({ ...ours, displayName: 'by hand' }), 'credential', options)).toBe(
      'leave: secret of the web app',
    );
  });

  test('in .env is replaced if it has expired or the app does not have it', () => {
    const options = { credential: 'secret', secret: 'abcdefgh', now } as const;
    expect(said(withSecrets({ ...ours, endDateTime: '2026-11-21T11:59:59Z' }), 'credential', options)).toMatch(
      /^create: /,
    );
    expect(said(withSecrets({ ...ours, hint: 'xyz' }), 'credential', options)).toMatch(/^create: /);
  });

  test('that an earlier run did not save is named before it is removed; a developer’s secret stays', () => {
    const words = said(withSecrets(ours, { ...ours, displayName: 'by hand', hint: 'h4n' }), 'credential', {
      credential: 'secret',
      now,
    });
    expect(words).toContain('removes secrets that configure made in the last hour and that .env does not have');
    expect(words).toContain('entra-external-id-sample 2026-11-20 (abc…)');
    expect(words).not.toContain('by hand');
  });

  test('that is older than an hour stays, because somebody else may use it', () => {
    const older = { ...ours, startDateTime: '2026-11-21T10:59:59Z' };
    expect(said(withSecrets(older), 'credential', { credential: 'secret', now })).toBe('create: secret of the web app');
  });
});
