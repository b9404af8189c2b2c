import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { isDone } from '../../src/registration/plan.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { Killed, Machine } from './runs.ts';

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

async function expectDone() {
  expect(isDone(await machine.configure())).toBe(true);
  expect(machine.secret).toBeDefined();
}

test.each([1, 2, 4])(
  'configure completes when Graph hides what is new from its first %i reads',
  async (hiddenReads) => {
    await tenant.control('graph', { hiddenReads });
    await machine.configure();
    await tenant.control('graph', { hiddenReads: 0 });
    await expectDone();
  },
);

test('configure takes 409 for what an earlier run has made and Graph does not show yet', async () => {
  const killed = async (write: number) => {
    if (write === 2) await tenant.control('graph', { hiddenReads: 6 });
    return write === 3 ? ('killed' as const) : undefined;
  };
  await expect(machine.configure({ mishap: killed })).rejects.toThrow(Killed);
  await tenant.control('graph', { hiddenReads: 0 });
  await machine.configure();
  await expectDone();
});

test('configure and cleanup complete when Graph hides what is deleted at first', async () => {
  await machine.configure();
  await tenant.control('graph', { hiddenReads: 2 });
  await machine.cleanup({ purge: true });
  const { api, web, headless, deleted, userFlow } = await machine.state();
  expect([api, web, headless, userFlow, ...deleted]).toEqual([undefined, undefined, undefined, undefined]);
});

test('configure and cleanup read lists over all their pages', async () => {
  await tenant.control('graph', { pageSize: 1 });
  await machine.configure();
  await expectDone();
  await machine.cleanup();
  expect((await machine.state()).deleted).toHaveLength(3);
});

test('configure gives up, and says which step, when Graph never shows what was made', async () => {
  await tenant.control('graph', { hiddenReads: 100 });
  const failed = await machine.configure().catch((error: unknown) => error);
  expect(String(failed)).toContain('StepFailed: identifier URI of the API');
  expect(String(failed)).toContain('Graph does not show the API yet');
});

const faults = [
  ...['graph-not-found-yet', 'graph-sp-not-yet', 'graph-429', 'graph-500', 'graph-503', 'graph-reset'],
  'graph-answer-lost',
];
test.each(faults)(
  'configure completes when Graph, after the first write, answers twice with the fault %s',
  async (name) => {
    const arm = async (write: number) => {
      if (write === 1) expect((await tenant.control('faults', { name, times: 2 })).status).toBe(204);
      return undefined;
    };
    await machine.configure({ mishap: arm });
    await expectDone();
    const list = z.array(z.object({ name: z.string(), armed: z.number() }));
    const all = list.parse(await (await fetch(`${tenant.origin}/dev/faults`)).json());
    expect(all.find((each) => each.name === name)?.armed).toBe(0);
  },
);
