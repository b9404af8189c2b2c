import { describe, expect, test } from 'vitest';
import { RegistrationConflict } from '../../src/registration/conflict.ts';
import { readManifest } from '../../src/registration/manifest.ts';
import { pending, plan, planCleanup } from '../../src/registration/plan.ts';
import { NotAsPlanned, StepFailed } from '../../src/registration/runPlan.ts';
import { administratorToken } from './administratorToken.ts';
import { breachOf } from './graphContract.ts';
import { Machine } from './Machine.ts';
import { sample, sampleText } from './states.ts';
import { useMachine } from './useMachine.ts';

const setup = useMachine();

/** How many objects of each kind the tenant has. */
async function inventory() {
  const graph = setup.machine.graph();
  const count = async (path: string) => (await graph.list(path)).length;
  return {
    applications: await count('/applications'),
    deleted: await count('/directory/deletedItems/microsoft.graph.application'),
    // Without Graph's own.
    servicePrincipals: (await count('/servicePrincipals')) - 1,
    grants: await count('/oauth2PermissionGrants'),
    flows: await count('/identity/authenticationEventsFlows'),
    secrets: (await setup.machine.state()).web?.application.passwordCredentials.map(({ hint }) => hint) ?? [],
  };
}

const complete = () => ({
  applications: 3,
  deleted: 0,
  servicePrincipals: 3,
  grants: 4,
  flows: 1,
  secrets: [setup.machine.secret?.slice(0, 3)],
});
const nothing = { applications: 0, deleted: 0, servicePrincipals: 0, grants: 0, flows: 0, secrets: [] };

describe('configure', () => {
  test('registers everything in an empty tenant, and has nothing to do after that', async () => {
    expect(await inventory()).toEqual(nothing);
    const first = await setup.machine.configure();
    expect(new Set(first.map(({ kind }) => kind))).toEqual(new Set(['create']));
    expect(await inventory()).toEqual(complete());
    const writes = setup.machine.writes;
    expect(pending(await setup.machine.configure())).toEqual([]);
    expect(setup.machine.writes).toBe(writes);
    // It is what the manifest describes, including the optional claims.
    const { api, web, headless, userFlow, tenant: names } = await setup.machine.state();
    expect(names).toMatchObject({ id: setup.tenant.tenantId, subdomain: 'contoso' });
    expect(api?.application).toMatchObject({
      uniqueName: 'entra-external-id-sample-api',
      identifierUris: [`api://${api?.application.appId}`],
      tags: ['made-by:entra-external-id-sample'],
      api: { requestedAccessTokenVersion: 2 },
    });
    expect(api?.application.api?.preAuthorizedApplications.map(({ appId }) => appId)).toEqual([
      web?.application.appId,
      headless?.application.appId,
    ]);
    expect(web?.application.optionalClaims?.idToken.map(({ name }) => name)).toEqual(sample.web.idTokenClaims);
    expect(web?.application).toMatchObject({ web: { redirectUris: sample.web.redirectUris } });
    expect(headless?.application).toMatchObject({ isFallbackPublicClient: true });
    expect([web?.userFlow?.id, headless?.userFlow?.id]).toEqual([userFlow?.id, userFlow?.id]);
  });

  test('sends only requests in the contract of Graph when it creates, changes, restores and removes', async () => {
    await setup.machine.configure();
    const changed = readManifest(sampleText, { baseUrl: 'https://todo.example.com', signInMethod: 'code' });
    await setup.machine.configure({ manifest: changed });
    await setup.machine.cleanup();
    await setup.machine.configure();
    setup.machine.secret = undefined;
    await setup.machine.configure();
    await setup.machine.cleanup({ purge: true });
    expect(setup.machine.requests.map((request) => breachOf(request, setup.machine.baseUrl)).filter(Boolean)).toEqual(
      [],
    );
    expect(new Set(setup.machine.requests.map(({ method }) => method))).toEqual(
      new Set(['GET', 'POST', 'PATCH', 'DELETE']),
    );
  });

  test('adds what is missing, and keeps what a developer added', async () => {
    await setup.machine.configure();
    const { web } = await setup.machine.state();
    const own = 'https://todo.example.com/auth/redirect';
    const path = `/applications/${web?.application.id}`;
    await setup.machine.graph().patch(path, { web: { redirectUris: [own, sample.web.redirectUris[0]] } });
    const steps = await setup.machine.configure();
    expect(steps.filter(({ kind }) => kind !== 'leave').map(({ what }) => what)).toEqual([
      `web app "To-do web app": redirect URI ${sample.web.redirectUris[1]}; keeps what the manifest does not name: redirect URI ${own}`,
    ]);
    const { redirectUris } = Object((await setup.machine.state()).web?.application.web);
    expect(redirectUris).toEqual([own, ...sample.web.redirectUris]);
  });

  test('keeps registrations with different names apart in one tenant', async () => {
    await setup.machine.configure();
    const text = sampleText.replace('To-do sign-up and sign-in', 'Second sign-up');
    const second = readManifest(text, { namePrefix: 'second' });
    setup.machine.secret = undefined;
    await setup.machine.configure({ manifest: second });
    expect(await inventory()).toMatchObject({ applications: 6, flows: 2 });
    await setup.machine.cleanup({ manifest: second });
    expect(await inventory()).toMatchObject({ applications: 3, flows: 1, grants: 4 });
  });
});

describe('the check after the last step', () => {
  test('names what the tenant does not show, and what cleanup did not remove', async () => {
    await setup.machine.configure();
    const { web } = await setup.machine.state();
    await setup.machine.graph().patch(`/applications/${web?.application.id}`, { displayName: 'Other' });
    const verified = setup.machine.verify((state) => plan(sample, state, { credential: 'keep' }));
    await expect(verified).rejects.toThrow(NotAsPlanned);
    await expect(verified).rejects.toThrow('web app "To-do web app": display name To-do web app');
    await setup.machine.cleanup();
    const notRemoved = setup.machine.verify((state) => planCleanup(sample, state, { isPurge: true }));
    await expect(notRemoved).rejects.toThrow('entra-external-id-sample-web from the deleted applications');
  });
});

describe('an administrator without the permissions', () => {
  test('gets an error with the step, and the role and permission that it needs', async () => {
    const permissions = [
      'Application.ReadWrite.All',
      'DelegatedPermissionGrant.ReadWrite.All',
      'EventListener.Read.All',
      'Organization.Read.All',
    ];
    const token = await administratorToken(setup.tenant, permissions);
    const failed = await new Machine(setup.tenant.origin, token).configure().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StepFailed);
    expect(String(failed)).toContain('user flow "To-do sign-up and sign-in"');
    expect(String(failed)).toContain(
      'External ID User Flow Administrator, and the permission EventListener.ReadWrite.All',
    );
    await setup.machine.configure();
    expect(await inventory()).toEqual(complete());
  });
});

describe('cleanup', () => {
  test('removes what configure made; configure restores it with its ids; purge removes it permanently', async () => {
    await setup.machine.configure();
    const { web } = await setup.machine.state();
    await setup.machine.cleanup();
    expect(await inventory()).toEqual({ ...nothing, deleted: 3 });
    const steps = await setup.machine.configure();
    expect(steps.find(({ id }) => id === 'web')?.what).toContain('restored from the deleted applications');
    expect(await inventory()).toEqual(complete());
    expect((await setup.machine.state()).web?.application.appId).toBe(web?.application.appId);
    await setup.machine.cleanup();
    await setup.machine.cleanup({ purge: true });
    expect(await inventory()).toEqual(nothing);
    expect(pending(await setup.machine.cleanup({ purge: true }))).toEqual([]);
  });

  test('changes nothing if an application with our name does not have our tag', async () => {
    await setup.machine.configure();
    const { headless } = await setup.machine.state();
    await setup.machine.graph().patch(`/applications/${headless?.application.id}`, { tags: ['mine'] });
    const writes = setup.machine.writes;
    await expect(setup.machine.cleanup()).rejects.toThrow(RegistrationConflict);
    expect(setup.machine.writes).toBe(writes);
  });

  test('can purge in the same run, and leaves other applications alone', async () => {
    const graph = setup.machine.graph();
    await graph.patch("/applications(uniqueName='other')", { displayName: 'To-do web app' }, { createIfMissing: true });
    await setup.machine.configure();
    await setup.machine.cleanup({ purge: true });
    expect(await inventory()).toEqual({ ...nothing, applications: 1 });
  });
});
