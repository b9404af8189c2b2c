import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenStore, storeKinds } from './openStore.ts';
import { type SessionApp, startSessionApp } from './sessionApp.ts';

const twoMinutesMs = 120_000;

type End = (app: SessionApp, cookie: string, sid: string) => Promise<unknown>;

const ends: readonly (readonly [string, End])[] = [
  ['signed out', (app, cookie) => app.send('POST', '/end', cookie)],
  ['ended by the tenant', (app, _cookie, sid) => app.endBySid(sid)],
];

describe.each(storeKinds)('a session $kind that ends while a request is running', ({ open }) => {
  let opened: OpenStore;
  let app: SessionApp;
  beforeAll(async () => {
    opened = await open();
    app = await startSessionApp(opened);
  });
  afterAll(async () => {
    await app.stop();
    await opened.close();
  });

  /** Delays a request after its session was loaded, until the session ends or has ended. */
  async function race(end: End, path: string, order: 'after' | 'beside'): Promise<string> {
    const sid = crypto.randomUUID();
    const cookie = await app.begin('Alice', '', sid);
    app.aheadMs += twoMinutesMs;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const loaded = new Promise<void>((resolve) => {
      app.hold = () => {
        resolve();
        return released;
      };
    });
    const running = app.send('GET', path, cookie);
    await loaded;
    const ending = end(app, cookie, sid);
    if (order === 'after') await ending;
    release();
    expect((await running).status).toBe(204);
    await ending;
    app.aheadMs = 0;
    return cookie;
  }

  it.each(ends)('A-75 is not written again after it was %s, in 200 runs', async (_how, end) => {
    const paths = ['/held', '/held?change=1'] as const;
    const orders = ['after', 'beside'] as const;
    let survivors = 0;
    for (let run = 0; run < 50; run += 1) {
      for (const path of paths) {
        for (const order of orders) if (await app.whoIs(await race(end, path, order))) survivors += 1;
      }
    }
    expect(survivors).toBe(0);
  });
});
