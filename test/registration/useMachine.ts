import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { administratorToken } from './administratorToken.ts';
import { Machine } from './Machine.ts';

/** Gives a test file one local tenant, and each test an empty directory in it and a new machine. */
export function useMachine() {
  let tenant: RunningTenant;
  let token: string;
  let machine: Machine;
  beforeAll(async () => {
    tenant = await startTenant();
    token = await administratorToken(tenant);
  });
  beforeEach(async () => {
    await tenant.control('reset');
    machine = new Machine(tenant.origin, token);
  });
  afterAll(() => tenant.stop());
  return {
    get tenant() {
      return tenant;
    },
    get machine() {
      return machine;
    },
  };
}
