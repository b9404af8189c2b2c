import type { Express } from 'express';
import { ErrorReply } from 'redis';
import request from 'supertest';
import { expect, test } from 'vitest';
import { SessionStoreUnavailable } from '../../src/web/session/KeyValueStore.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';
import { unknownMetadata, webAppAlone } from './webApp.ts';

async function ask(app: Express, path: string): Promise<[number, unknown]> {
  const { status, headers, body } = await request(app).get(path);
  expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  return [status, body];
}

const ready = { tenant: true, credential: true, sessions: true, accepting: true };

test('the probes answer yes while the app can serve customers', async () => {
  const app = webAppAlone();
  expect(await ask(app, '/livez')).toEqual([200, { status: 'ok' }]);
  expect(await ask(app, '/readyz')).toEqual([200, ready]);
});

test('an app without a tenant is alive and not ready', async () => {
  const app = webAppAlone({ metadata: unknownMetadata });
  expect(await ask(app, '/readyz')).toEqual([503, { ...ready, tenant: false }]);
  expect((await ask(app, '/livez'))[0]).toBe(200);
});

test('an app without its sessions is alive and not ready until they are back, and does not say why', async () => {
  const records = new WatchedKeyValueStore();
  const app = webAppAlone({ records });
  records.isAway = () => true;
  expect(await ask(app, '/readyz')).toEqual([503, { ...ready, sessions: false }]);
  expect((await ask(app, '/livez'))[0]).toBe(200);
  records.isAway = () => false;
  expect((await ask(app, '/readyz'))[0]).toBe(200);
});

test('an app whose Redis refuses commands names the kind of refusal, and nothing else', async () => {
  const records = new WatchedKeyValueStore();
  records.check = () => {
    const cause = new ErrorReply("NOPERM User todo has no permissions to run the 'set' command");
    return Promise.reject(new SessionStoreUnavailable('Redis unavailable', { cause }));
  };
  expect(await ask(webAppAlone({ records }), '/readyz')).toEqual([503, { ...ready, sessions: false, redis: 'NOPERM' }]);
});

test('an app that is stopping is not ready, and still answers pages', async () => {
  let stopping = false;
  const app = webAppAlone({ isStopping: () => stopping });
  expect((await ask(app, '/readyz'))[0]).toBe(200);
  stopping = true;
  expect(await ask(app, '/readyz')).toEqual([503, { ...ready, accepting: false }]);
  expect((await ask(app, '/livez'))[0]).toBe(200);
  await request(app).get('/').set('Host', 'localhost').expect(200);
});

test('without a tenant customers can read the home page, and are told when to retry signing in', async () => {
  const app = webAppAlone({ metadata: unknownMetadata });
  await request(app).get('/').set('Host', 'localhost').expect(200);
  const signIn = await request(app).get('/auth/signin').set('Host', 'localhost').set('Accept', 'text/html');
  expect([signIn.status, signIn.headers['retry-after'], signIn.headers['set-cookie']]).toEqual([503, '5', undefined]);
  expect(signIn.text).toContain('A service that sign-in needs is not responding');
});
