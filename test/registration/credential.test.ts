import { describe, expect, test } from 'vitest';
import type { PlanOptions } from '../../src/registration/step.ts';
import { certificates } from './certificates.ts';
import { useMachine } from './useMachine.ts';

const setup = useMachine();

async function keys() {
  return (await setup.machine.state()).web?.application.keyCredentials ?? [];
}

async function secrets() {
  return (await setup.machine.state()).web?.application.passwordCredentials.map(({ displayName }) => displayName) ?? [];
}

describe('a certificate', () => {
  const withCertificate = (certificate: string): PlanOptions => ({
    credential: 'certificate',
    certificate,
    now: new Date('2026-11-21T12:00:00Z'),
  });

  test('is registered once, with the prefix and the day as its name, beside the existing ones and without a secret', async () => {
    const options = withCertificate(certificates[0]);
    await setup.machine.configure({ options });
    await setup.machine.configure({ options });
    const [first, ...others] = await keys();
    expect(first?.displayName).toBe('entra-external-id-sample 2026-11-21');
    expect(others).toEqual([]);
    await setup.machine.configure({ options: withCertificate(certificates[1]) });
    expect((await keys()).map(({ keyId }) => keyId)).toEqual([first?.keyId, expect.any(String)]);
    expect(await secrets()).toEqual([]);
  });
});

describe('a secret', () => {
  test('is valid for 180 days; one that a developer added by hand stays; none is added if the credential is to be kept', async () => {
    await setup.machine.configure({ options: { credential: 'keep' } });
    expect(await secrets()).toEqual([]);
    await setup.machine.configure();
    const { web } = await setup.machine.state();
    const [secret] = web?.application.passwordCredentials ?? [];
    const days = (Date.parse(secret?.endDateTime ?? '') - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(180);
    const passwordCredential = { displayName: 'by hand', endDateTime: '2030-01-01T00:00:00Z' };
    await setup.machine.graph().post(`/applications/${web?.application.id}/addPassword`, { passwordCredential });
    setup.machine.secret = undefined;
    await setup.machine.configure();
    expect(await secrets()).toEqual(['by hand', expect.stringContaining('entra-external-id-sample 20')]);
  });
});
