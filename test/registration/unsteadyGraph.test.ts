import { expect, test } from 'vitest';
import { z } from 'zod';
import { pending, plan } from '../../src/registration/plan.ts';
import { Killed } from './Machine.ts';
import { sample } from './states.ts';
import { useMachine } from './useMachine.ts';

const setup = useMachine();

async function expectDone() {
  expect(pending(plan(sample, await setup.machine.state(), { credential: 'keep' }))).toEqual([]);
  expect(setup.machine.secret).toBeDefined();
}

test.each([1, 4])('configure completes if Graph hides new objects from the first %i reads', async (hiddenReads) => {
  await setup.tenant.control('graph', { hiddenReads });
  await setup.machine.configure();
  await setup.tenant.control('graph', { hiddenReads: 0 });
  await expectDone();
});

test('configure accepts 409 for what an earlier run made and Graph does not show yet', async () => {
  const killed = async (write: number) => {
    if (write === 2) await setup.tenant.control('graph', { hiddenReads: 6 });
    return write === 3 ? ('killed' as const) : undefined;
  };
  await expect(setup.machine.configure({ mishap: killed })).rejects.toThrow(Killed);
  await setup.tenant.control('graph', { hiddenReads: 0 });
  await setup.machine.configure();
  await expectDone();
});

test('configure and cleanup complete if Graph still shows deleted objects at first', async () => {
  await setup.machine.configure();
  await setup.tenant.control('graph', { hiddenReads: 2 });
  await setup.machine.cleanup({ purge: true });
  const { api, web, headless, deleted, userFlow } = await setup.machine.state();
  expect([api, web, headless, userFlow, ...deleted]).toEqual([undefined, undefined, undefined, undefined]);
});

test('configure and cleanup read all pages of lists', async () => {
  await setup.tenant.control('graph', { pageSize: 1 });
  await setup.machine.configure();
  await expectDone();
  await setup.machine.cleanup();
  expect((await setup.machine.state()).deleted).toHaveLength(3);
});

test('configure fails and names the step if Graph never shows what was made', async () => {
  await setup.tenant.control('graph', { hiddenReads: 100 });
  const failed = await setup.machine.configure().catch((error: unknown) => error);
  expect(String(failed)).toContain('StepFailed: identifier URI of the API');
  expect(String(failed)).toContain('Graph does not show the API yet');
});

const faults = [
  'graph-not-found-yet',
  'graph-sp-not-yet',
  'graph-429',
  'graph-500',
  'graph-503',
  'graph-reset',
  'graph-answer-lost',
];
test('configure completes although Graph has every fault twice, a new one after each of the first writes', async () => {
  const arm = async (write: number) => {
    const name = faults[write - 1];
    if (name) expect((await setup.tenant.control('faults', { name, times: 2 })).status).toBe(204);
    return undefined;
  };
  await setup.machine.configure({ mishap: arm });
  await expectDone();
  const list = z.array(z.object({ name: z.string(), armed: z.number() }));
  const all = list.parse(await (await fetch(`${setup.tenant.origin}/dev/faults`)).json());
  expect(all.filter(({ name, armed }) => faults.includes(name) && armed > 0)).toEqual([]);
});
