import { describe, expect, test } from 'vitest';
import { pending, plan } from '../../src/registration/plan.ts';
import { Killed, type Mishap } from './Machine.ts';
import { sample } from './states.ts';
import { useMachine } from './useMachine.ts';

/** How many writes a complete configure sends, and a complete cleanup with purge. */
const configureWrites = 16;
const cleanupWrites = 7;

const setup = useMachine();

/** What must exist exactly once. */
async function inventory() {
  const graph = setup.machine.graph();
  const names = async (path: string, property: string) =>
    (await graph.list(path)).map((entry) => String(Object(entry)[property])).toSorted();
  return {
    applications: await names('/applications', 'uniqueName'),
    servicePrincipals: (await names('/servicePrincipals', 'appId')).length,
    grants: (await names('/oauth2PermissionGrants', 'scope')).join(';'),
    flows: await names('/identity/authenticationEventsFlows', 'displayName'),
    deleted: await names('/directory/deletedItems/microsoft.graph.application', 'uniqueName'),
    secrets: (await setup.machine.state()).web?.application.passwordCredentials.map(({ hint }) => hint) ?? [],
  };
}

async function expectComplete() {
  const scopes = 'ToDoList.Read ToDoList.ReadWrite';
  expect(await inventory()).toEqual({
    applications: ['api', 'headless', 'web'].map((app) => `entra-external-id-sample-${app}`),
    // One of them is Graph's own.
    servicePrincipals: 4,
    grants: [scopes, scopes, 'openid offline_access profile', 'openid offline_access profile'].join(';'),
    flows: ['To-do sign-up and sign-in'],
    deleted: [],
    secrets: [setup.machine.secret?.slice(0, 3)],
  });
}

/**
 * Runs a command again and again, each run killed after its first write, so that every state between two writes is one
 * that a run finds. Ends when a run completes, or with a new secret: the next run would remove it, and add another.
 * @returns how many runs were killed
 */
async function killedAfterEachWrite(run: (mishap: Mishap) => Promise<unknown>): Promise<number> {
  for (let kills = 0; kills < 40; kills++) {
    const failure = await run(() => 'killed').then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return kills;
    expect(failure).toBeInstanceOf(Killed);
    if (setup.machine.requests.at(-1)?.url.endsWith('/addPassword')) return kills + 1;
  }
  throw new Error('The runs make no progress.');
}

const configureKilled = (mishap: Mishap) => setup.machine.configure({ mishap });

describe('killed after each of its writes in turn', () => {
  test('configure is completed by the next run without duplicates', async () => {
    expect(await killedAfterEachWrite(configureKilled)).toBe(configureWrites);
    await setup.machine.configure();
    await expectComplete();
    expect(pending(plan(sample, await setup.machine.state(), { credential: 'keep' }))).toEqual([]);
  });

  test('configure is completed without duplicates even if Graph shows new objects late', async () => {
    await setup.tenant.control('graph', { hiddenReads: 2 });
    expect(await killedAfterEachWrite(configureKilled)).toBeGreaterThanOrEqual(configureWrites);
    await setup.machine.configure();
    await expectComplete();
  });

  test('cleanup with purge leaves nothing, and configure that restores what cleanup deleted completes', async () => {
    await setup.machine.configure();
    await setup.machine.cleanup();
    expect(await killedAfterEachWrite(configureKilled)).toBeGreaterThan(6);
    await expectComplete();
    const purge = (mishap: Mishap) => setup.machine.cleanup({ purge: true, mishap });
    expect(await killedAfterEachWrite(purge)).toBe(cleanupWrites);
    const empty = { applications: [], servicePrincipals: 1, grants: '', flows: [], deleted: [], secrets: [] };
    expect(await inventory()).toEqual(empty);
  });
});

test('configure completes by itself although the first answer to each of its writes is lost', async () => {
  const lost = new Set<string>();
  await setup.machine.configure({
    mishap: () => {
      const { method, url, body = '' } = setup.machine.requests.at(-1) ?? {};
      // A repeated request for a secret has a later end.
      const write = `${method} ${url} ${body.replace(/"endDateTime":"[^"]+"/, '')}`;
      if (lost.has(write)) return undefined;
      lost.add(write);
      return 'answer lost';
    },
  });
  // One more than without a mishap: the secret in the lost answer is removed.
  expect(lost.size).toBe(configureWrites + 1);
  await expectComplete();
});
