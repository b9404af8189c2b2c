import { describe, expect, test } from 'vitest';
import { pending } from '../../src/registration/plan.ts';
import { Killed } from './Machine.ts';
import { useMachine } from './useMachine.ts';

/** How many writes a complete configure sends, and a complete cleanup with purge. */
const configureWrites = 16;
const cleanupWrites = 7;
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

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

test('the number of writes is known, so that the tests below leave none out', async () => {
  await setup.machine.configure();
  expect(setup.machine.writes).toBe(configureWrites);
  const before = setup.machine.writes;
  await setup.machine.cleanup({ purge: true });
  expect(setup.machine.writes - before).toBe(cleanupWrites);
});

describe('configure', () => {
  test.each(upTo(configureWrites))(
    'killed after write %i is completed by the next run without duplicates, even if Graph shows new objects late',
    async (last) => {
      await setup.tenant.control('graph', { hiddenReads: 2 });
      const killed = setup.machine.configure({ mishap: (write) => (write === last ? 'killed' : undefined) });
      await expect(killed).rejects.toThrow(Killed);
      await setup.machine.configure();
      await expectComplete();
    },
  );

  test('that was completed by a second run has nothing to do in a third', async () => {
    await expect(setup.machine.configure({ mishap: () => 'killed' })).rejects.toThrow(Killed);
    await setup.machine.configure();
    expect(pending(await setup.machine.configure())).toEqual([]);
  });

  test.each(upTo(configureWrites))('that gets no answer to write %i completes by itself', async (lost) => {
    await setup.machine.configure({ mishap: (write) => (write === lost ? 'answer lost' : undefined) });
    await expectComplete();
  });
});

test.each(upTo(6))(
  'configure that restores what cleanup deleted, killed after write %i, is completed by the next run',
  async (last) => {
    await setup.machine.configure();
    await setup.machine.cleanup();
    const killed = setup.machine.configure({ mishap: (write) => (write === last ? 'killed' : undefined) });
    await expect(killed).rejects.toThrow(Killed);
    await setup.machine.configure();
    await expectComplete();
  },
);

describe('cleanup with purge', () => {
  test.each(upTo(cleanupWrites))('killed after write %i is completed by the next run', async (last) => {
    await setup.machine.configure();
    const killed = setup.machine.cleanup({ purge: true, mishap: (write) => (write === last ? 'killed' : undefined) });
    await expect(killed).rejects.toThrow(Killed);
    await setup.machine.cleanup({ purge: true });
    const empty = { applications: [], servicePrincipals: 1, grants: '', flows: [], deleted: [], secrets: [] };
    expect(await inventory()).toEqual(empty);
  });
});
