import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isDone } from '../../src/registration/plan.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { Killed, Machine } from './runs.ts';

/** How many requests change something in a whole configure, and in a whole cleanup with purge. */
const configureWrites = 16;
const cleanupWrites = 7;
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

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

/** What must be there exactly once. */
async function inventory() {
  const graph = machine.graph();
  const names = async (path: string, property: string) =>
    (await graph.list(path)).map((entry) => String(Object(entry)[property])).toSorted();
  return {
    applications: await names('/applications', 'uniqueName'),
    servicePrincipals: (await names('/servicePrincipals', 'appId')).length,
    grants: (await names('/oauth2PermissionGrants', 'scope')).join(';'),
    flows: await names('/identity/authenticationEventsFlows', 'displayName'),
    deleted: await names('/directory/deletedItems/microsoft.graph.application', 'uniqueName'),
    secrets: (await machine.state()).web?.application.passwordCredentials.map(({ hint }) => hint) ?? [],
  };
}

async function expectComplete() {
  const scopes = 'ToDoList.Read ToDoList.ReadWrite';
  expect(await inventory()).toEqual({
    applications: ['api', 'headless', 'web'].map((app) => `entra-external-id-sample-${app}`),
    // Graph itself is the fourth.
    servicePrincipals: 4,
    grants: [scopes, scopes, 'openid offline_access profile', 'openid offline_access profile'].join(';'),
    flows: ['To-do sign-up and sign-in'],
    deleted: [],
    secrets: [machine.secret?.slice(0, 3)],
  });
}

test('the number of writes is known, so that none is left out below', async () => {
  await machine.configure();
  expect(machine.writes).toBe(configureWrites);
  const before = machine.writes;
  await machine.cleanup({ purge: true });
  expect(machine.writes - before).toBe(cleanupWrites);
});

describe('configure', () => {
  test.each(upTo(configureWrites))(
    'killed after its write %i, is completed by the next run without duplicates, although Graph is slow to show what is new',
    async (last) => {
      await tenant.control('graph', { hiddenReads: 2 });
      const killed = machine.configure({ mishap: (write) => (write === last ? 'killed' : undefined) });
      await expect(killed).rejects.toThrow(Killed);
      await machine.configure();
      await expectComplete();
      expect(isDone(await machine.configure())).toBe(true);
    },
  );

  test.each(upTo(configureWrites))('that never hears the answer to its write %i completes by itself', async (lost) => {
    await machine.configure({ mishap: (write) => (write === lost ? 'answer lost' : undefined) });
    await expectComplete();
  });
});

test.each(upTo(6))(
  'configure that restores what cleanup deleted is completed after it was killed at write %i',
  async (last) => {
    await machine.configure();
    await machine.cleanup();
    const killed = machine.configure({ mishap: (write) => (write === last ? 'killed' : undefined) });
    await expect(killed).rejects.toThrow(Killed);
    await machine.configure();
    await expectComplete();
  },
);

describe('cleanup with purge', () => {
  test.each(upTo(cleanupWrites))('killed after its write %i, is completed by the next run', async (last) => {
    await machine.configure();
    const killed = machine.cleanup({ purge: true, mishap: (write) => (write === last ? 'killed' : undefined) });
    await expect(killed).rejects.toThrow(Killed);
    await machine.cleanup({ purge: true });
    const empty = { applications: [], servicePrincipals: 1, grants: '', flows: [], deleted: [], secrets: [] };
    expect(await inventory()).toEqual(empty);
  });
});
