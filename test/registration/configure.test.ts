import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StepFailed } from '../../src/registration/apply.ts';
import { RegistrationConflict } from '../../src/registration/conflict.ts';
import { readManifest } from '../../src/registration/manifest.ts';
import { isDone } from '../../src/registration/plan.ts';
import { NotAsPlanned, verify, verifyCleanup } from '../../src/registration/verify.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { breachOf } from './graphContract.ts';
import { Machine } from './runs.ts';
import { sample, sampleText } from './states.ts';

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

/** Everything that is in the tenant's directory, by kind. */
async function inventory() {
  const graph = machine.graph();
  const count = async (path: string) => (await graph.list(path)).length;
  return {
    applications: await count('/applications'),
    deleted: await count('/directory/deletedItems/microsoft.graph.application'),
    // Graph itself is one.
    servicePrincipals: (await count('/servicePrincipals')) - 1,
    grants: await count('/oauth2PermissionGrants'),
    flows: await count('/identity/authenticationEventsFlows'),
    secrets: (await machine.state()).web?.application.passwordCredentials.map(({ hint }) => hint) ?? [],
  };
}

const complete = () => ({
  ...{ applications: 3, deleted: 0, servicePrincipals: 3, grants: 4, flows: 1 },
  secrets: [machine.secret?.slice(0, 3)],
});
const nothing = { applications: 0, deleted: 0, servicePrincipals: 0, grants: 0, flows: 0, secrets: [] };

describe('configure', () => {
  test('registers everything in an empty tenant, and has nothing to do afterwards', async () => {
    expect(await inventory()).toEqual(nothing);
    const first = await machine.configure();
    expect(new Set(first.map(({ kind }) => kind))).toEqual(new Set(['create']));
    expect(await inventory()).toEqual(complete());
    const writes = machine.writes;
    expect(isDone(await machine.configure())).toBe(true);
    expect(machine.writes).toBe(writes);
  });

  test('makes what the manifest says, down to the optional claims', async () => {
    await machine.configure();
    const { api, web, headless, userFlow, tenant: names } = await machine.state();
    expect(names).toMatchObject({ id: tenant.tenantId, subdomain: 'contoso' });
    expect(api?.application).toMatchObject({
      uniqueName: 'entra-external-id-sample-api',
      identifierUris: [`api://${api?.application.appId}`],
      tags: ['made-by:entra-external-id-sample'],
      api: { requestedAccessTokenVersion: 2 },
    });
    expect(api?.application.api?.preAuthorizedApplications.map(({ appId }) => appId)).toEqual([
      ...[web?.application.appId, headless?.application.appId],
    ]);
    expect(web?.application.optionalClaims?.idToken.map(({ name }) => name)).toEqual(sample.web.idTokenClaims);
    expect(web?.application).toMatchObject({ web: { redirectUris: sample.web.redirectUris } });
    expect(headless?.application).toMatchObject({ isFallbackPublicClient: true });
    expect([web?.userFlow?.id, headless?.userFlow?.id]).toEqual([userFlow?.id, userFlow?.id]);
  });

  test('sends only what the contract of Graph knows, when it creates, changes, restores and removes', async () => {
    await machine.configure();
    const changed = readManifest(sampleText, { baseUrl: 'https://todo.example.com', signInMethod: 'code' });
    await machine.configure({ manifest: changed });
    await machine.cleanup();
    await machine.configure();
    machine.secret = undefined;
    await machine.configure();
    await machine.cleanup({ purge: true });
    expect(machine.requests.map((request) => breachOf(request, machine.baseUrl)).filter(Boolean)).toEqual([]);
    expect(new Set(machine.requests.map(({ method }) => method))).toEqual(new Set(['GET', 'POST', 'PATCH', 'DELETE']));
  });

  test('adds what is missing, and leaves what the developer added', async () => {
    await machine.configure();
    const { web } = await machine.state();
    const own = 'https://todo.example.com/auth/redirect';
    const path = `/applications/${web?.application.id}`;
    await machine.graph().patch(path, { web: { redirectUris: [own, sample.web.redirectUris[0]] } });
    const steps = await machine.configure();
    expect(steps.filter(({ kind }) => kind !== 'leave').map(({ what }) => what)).toEqual([
      `web app "To-do web app": redirect URI ${sample.web.redirectUris[1]}; stays although not asked for: redirect URI ${own}`,
    ]);
    const { redirectUris } = Object((await machine.state()).web?.application.web);
    expect(redirectUris).toEqual([own, ...sample.web.redirectUris]);
  });

  test('keeps to its own name: two registrations live in one tenant', async () => {
    await machine.configure();
    const text = sampleText.replace('To-do sign-up and sign-in', 'Second sign-up');
    const second = readManifest(text, { namePrefix: 'second' });
    machine.secret = undefined;
    await machine.configure({ manifest: second });
    expect(await inventory()).toMatchObject({ applications: 6, flows: 2 });
    await machine.cleanup({ manifest: second });
    expect(await inventory()).toMatchObject({ applications: 3, flows: 1, grants: 4 });
  });
});

describe('what was applied', () => {
  test('is read back: what the tenant does not show is named', async () => {
    await machine.configure();
    const { web } = await machine.state();
    await machine.graph().patch(`/applications/${web?.application.id}`, { displayName: 'Other' });
    const verified = verify(machine.graph(), sample, { credential: 'keep' });
    await expect(verified).rejects.toThrow(NotAsPlanned);
    await expect(verified).rejects.toThrow('web app "To-do web app": display name To-do web app');
  });

  test('is read back after a cleanup too', async () => {
    await machine.configure();
    await machine.cleanup();
    const verified = verifyCleanup(machine.graph(), sample, { purge: true });
    await expect(verified).rejects.toThrow('entra-external-id-sample-web from the deleted applications');
  });
});

describe('an administrator who may not', () => {
  test('hears which step it is, the role and the permission that are needed', async () => {
    const permissions = [
      'Application.ReadWrite.All',
      'DelegatedPermissionGrant.ReadWrite.All',
      'EventListener.Read.All',
    ];
    machine = await Machine.at(tenant, { permissions: [...permissions, 'Organization.Read.All'] });
    const failed = await machine.configure().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StepFailed);
    expect(String(failed)).toContain('user flow "To-do sign-up and sign-in"');
    expect(String(failed)).toContain(
      'External ID User Flow Administrator, and the permission EventListener.ReadWrite.All',
    );
    machine = await Machine.at(tenant);
    await machine.configure();
    expect(await inventory()).toEqual(complete());
  });
});

describe('cleanup', () => {
  test('removes what configure made, and with purge also from the deleted items', async () => {
    await machine.configure();
    await machine.cleanup();
    expect(await inventory()).toEqual({ ...nothing, deleted: 3 });
    await machine.cleanup({ purge: true });
    expect(await inventory()).toEqual(nothing);
    expect(isDone(await machine.cleanup({ purge: true }))).toBe(true);
  });

  test('purges in one go', async () => {
    await machine.configure();
    await machine.cleanup({ purge: true });
    expect(await inventory()).toEqual(nothing);
  });

  test('is undone by configure, which restores the deleted applications and their ids', async () => {
    await machine.configure();
    const { web } = await machine.state();
    await machine.cleanup();
    const steps = await machine.configure();
    expect(steps.find(({ id }) => id === 'web')?.what).toContain('restored from the deleted applications');
    expect(await inventory()).toEqual(complete());
    expect((await machine.state()).web?.application.appId).toBe(web?.application.appId);
  });

  test('stops at an application of that name without the mark, and touches nothing', async () => {
    await machine.configure();
    const { headless } = await machine.state();
    await machine.graph().patch(`/applications/${headless?.application.id}`, { tags: ['mine'] });
    const writes = machine.writes;
    await expect(machine.cleanup()).rejects.toThrow(RegistrationConflict);
    expect(machine.writes).toBe(writes);
  });

  test('leaves other applications and user flows alone', async () => {
    const graph = machine.graph();
    await graph.patch("/applications(uniqueName='other')", { displayName: 'To-do web app' }, { createIfMissing: true });
    await machine.configure();
    await machine.cleanup({ purge: true });
    expect(await inventory()).toEqual({ ...nothing, applications: 1 });
  });
});
