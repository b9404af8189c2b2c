import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TenantUnavailable } from '../../src/entra/MetadataSource.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';

const records = new WatchedKeyValueStore();
let system: System;
beforeAll(async () => {
  system = await startSystem({}, records);
});
afterAll(() => system.stop());

async function ask(url: string): Promise<[number, unknown]> {
  const answer = await send(url);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return [answer.status, await answer.json()];
}

const unknownTenant = {
  ready: () => false,
  current: () => {
    throw new TenantUnavailable('not known yet');
  },
};

describe('an operator', () => {
  test('is told that the process lives, and that it can serve', async () => {
    expect(await ask(`${system.webUrl}/livez`)).toEqual([200, { status: 'ok' }]);
    expect(await ask(`${system.webUrl}/readyz`)).toEqual([
      200,
      { tenant: true, credential: true, sessions: true, accepting: true },
    ]);
  });

  test('is told that the tenant is away, while the process lives', async () => {
    const url = await system.startWeb({}, { metadata: unknownTenant });
    expect(await ask(`${url}/readyz`)).toEqual([
      503,
      { tenant: false, credential: true, sessions: true, accepting: true },
    ]);
    expect((await ask(`${url}/livez`))[0]).toBe(200);
  });

  test('is told that the sessions are away, and when they are back, without a word on why', async () => {
    records.isAway = () => true;
    const away = await ask(`${system.webUrl}/readyz`);
    const alive = await ask(`${system.webUrl}/livez`);
    records.isAway = () => false;
    expect([away, alive[0]]).toEqual([
      [503, { tenant: true, credential: true, sessions: false, accepting: true }],
      200,
    ]);
    expect((await ask(`${system.webUrl}/readyz`))[0]).toBe(200);
  });

  test('is told to send no more once the process was told to stop, while pages are still answered', async () => {
    let stopping = false;
    const url = await system.startWeb({}, { isStopping: () => stopping });
    expect((await ask(`${url}/readyz`))[0]).toBe(200);
    stopping = true;
    expect(await ask(`${url}/readyz`)).toEqual([
      503,
      { tenant: true, credential: true, sessions: true, accepting: false },
    ]);
    expect((await ask(`${url}/livez`))[0]).toBe(200);
    expect((await send(url)).status).toBe(200);
  });
});

describe('a customer', () => {
  test('reads the home page while the tenant is away, and is told to come back for the rest', async () => {
    const url = await system.startWeb({}, { metadata: unknownTenant });
    expect((await send(url)).status).toBe(200);
    const signIn = await send(`${url}/auth/signin`, { headers: { accept: 'text/html' } });
    expect([signIn.status, signIn.headers.get('retry-after'), signIn.headers.has('set-cookie')]).toEqual([
      503,
      '5',
      false,
    ]);
    expect(await signIn.text()).toContain('A service that sign-in needs is not responding');
  });
});
