import { seededPassword } from 'entra-local-tenant';
import express from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestId, requestLog } from '../../../src/web/hardening/requestLog.ts';
import { Browser } from '../../support/Browser.ts';
import { type System, startSystem } from '../../support/system.ts';

const isCallback = ({ pathname }: URL) => pathname === '/auth/redirect';

describe('the log of a whole visit', () => {
  /** What the customer, the browser and the tenant exchanged, and no log may hold. */
  const secrets: string[] = ['of-the-page', 'of-nobody', 'In confidence', 'alice', 'Alice', seededPassword, 'eyJ'];
  const browser = new Browser();
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
    await failOnce();
    await visit();
  });
  afterAll(() => system.stop());

  async function signIn(): Promise<URL> {
    await browser.goto(`${system.webUrl}/auth/signin?returnTo=/todos%3Fa=of-the-page&login_hint=alice@example.com`);
    await browser.submit('Next', { email: 'alice@example.com' });
    const { url } = await browser.submit('Sign in', { password: seededPassword }, isCallback);
    secrets.push(...url.searchParams.values(), ...cookies());
    return url;
  }

  const cookies = () => [...browser.cookies.values()].map(({ value }) => value).filter((value) => value !== '1');

  /** Comes back with a code that the tenant does not take. */
  async function failOnce(): Promise<void> {
    const url = await signIn();
    url.searchParams.set('code', 'of-nobody');
    expect((await browser.goto(url)).status).toBe(400);
    browser.cookies.clear();
  }

  /** Uses every page, is refused once, and signs out. */
  async function visit(): Promise<void> {
    await browser.goto(await signIn());
    secrets.push(...cookies(), browser.form('Add').fields._csrf ?? '');
    await browser.submit('Add', { description: 'In confidence' });
    await browser.goto(`${system.webUrl}/users/id`);
    const claims = [...browser.page.html.matchAll(/<td role="cell"><code>([^<]{16,})</g)].map(
      ([, value = '']) => value,
    );
    secrets.push(...claims.filter((claim) => !claim.includes(system.tenantId)));
    await browser.goto(`${system.webUrl}/todos/1?a=of-the-page`, { method: 'POST', body: new URLSearchParams() });
    await browser.goto(`${system.webUrl}/auth/signout`);
    await browser.submit('Sign out');
  }

  test('A-62 holds no code, state, cookie, token, claim or text of the customer', () => {
    expect(secrets.length).toBeGreaterThan(20);
    const log = system.logged.join('\n');
    for (const secret of secrets) {
      expect(log).not.toContain(secret);
      expect(log).not.toContain(decodeURIComponent(secret));
    }
  });

  test('has one line a request, with its path alone', () => {
    const lines = system.logged.filter((line) => /^\d\d:\d\d:\d\d web/.test(line));
    expect(lines.join('\n')).toMatch(/web {4}GET \/auth\/signin 302 [\d.]+ ms\n.* web {4}GET \/auth\/redirect 303/);
    expect(lines.filter((line) => !/^\S+ web {4}[A-Z]+ \/[\w/-]* \d{3} [\d.]+ ms$/.test(line))).toEqual([]);
  });
});

describe('the log in JSON', () => {
  const lines: string[] = [];
  const app = express()
    .use(requestId)
    .use(requestLog('json', (line) => void lines.push(line)))
    .use((_request, response) => response.status(201).end());

  test.each(['/todos?code=secret', '/a"b%0a%22?x', '/%7B%22level%22:%22error%22%7D'])(
    'has one object a request: %s',
    async (path) => {
      const answer = await request(app).get(path).set('Cookie', 'session=secret').set('Authorization', 'Bearer secret');
      const line = lines.pop() ?? '';
      expect(JSON.parse(line)).toEqual({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        level: 'info',
        program: 'web',
        message: 'request',
        requestId: answer.headers['x-request-id'],
        method: 'GET',
        path: new URL(path, 'http://localhost').pathname,
        status: 201,
        ms: expect.any(Number),
      });
      expect([line.includes('secret'), line.includes('\n'), lines.length]).toEqual([false, false, 0]);
    },
  );

  test('is cut to 200 characters of a path', async () => {
    await request(app).get(`/${'x'.repeat(5_000)}`);
    expect(JSON.parse(lines.pop() ?? '').path).toBe(`/${'x'.repeat(199)}`);
  });
});
