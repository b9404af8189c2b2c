import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PlanOptions } from '../../src/registration/plan.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { certificates } from './certificates.ts';
import { Machine } from './runs.ts';

let tenant: RunningTenant;
let machine: Machine;
beforeAll(async () => {
  tenant = await startTenant();
});
afterAll(() => tenant.stop());
beforeEach(async () => {
  await tenant.control('reset');
  machine = await Machine.at(tenant);
});

async function keys() {
  return (await machine.state()).web?.application.keyCredentials ?? [];
}

async function secrets() {
  return (await machine.state()).web?.application.passwordCredentials.map(({ displayName }) => displayName) ?? [];
}

describe('a certificate', () => {
  const withCertificate = (certificate: string): PlanOptions => ({
    ...{ credential: 'certificate', certificate },
    now: () => new Date('2026-11-21T12:00:00Z'),
  });

  test('is registered once, under the name of configure, and no secret is made', async () => {
    const options = withCertificate(certificates[0]);
    await machine.configure({ options });
    await machine.configure({ options });
    expect((await keys()).map(({ displayName }) => displayName)).toEqual(['entra-external-id-sample 2026-11-21']);
    expect(await secrets()).toEqual([]);
  });

  test('is registered beside the ones that are there', async () => {
    await machine.configure({ options: withCertificate(certificates[0]) });
    const [first] = await keys();
    await machine.configure({ options: withCertificate(certificates[1]) });
    expect((await keys()).map(({ keyId }) => keyId)).toContain(first?.keyId);
    expect(await keys()).toHaveLength(2);
  });
});

describe('a secret', () => {
  test('lasts 180 days', async () => {
    const now = () => new Date();
    await machine.configure({ options: { credential: 'secret', now } }).catch(() => undefined);
    const [secret] = (await machine.state()).web?.application.passwordCredentials ?? [];
    const days = (Date.parse(secret?.endDateTime ?? '') - now().getTime()) / 86_400_000;
    expect(Math.round(days)).toBe(180);
  });

  test('that a developer made by hand outlives configure', async () => {
    await machine.configure();
    const { web } = await machine.state();
    const passwordCredential = { displayName: 'by hand', endDateTime: '2030-01-01T00:00:00Z' };
    await machine.graph().post(`/applications/${web?.application.id}/addPassword`, { passwordCredential });
    machine.secret = undefined;
    await machine.configure();
    expect(await secrets()).toEqual(['by hand', expect.stringContaining('entra-external-id-sample 20')]);
  });

  test('is left alone when the credential is to be kept', async () => {
    await machine.configure({ options: { credential: 'keep' } });
    expect(await secrets()).toEqual([]);
  });
});
