import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import { connectChromium, openWindow } from '../support/chromium.ts';
import { press, signInAtTenant } from '../support/customerSteps.ts';
import { freePort } from '../support/freePort.ts';
import { type Programs, startPrograms } from '../support/programs.ts';
import { startTenant } from '../support/startTenant.ts';

// As on a hosting platform: a proxy terminates TLS, and the app trusts one proxy.

let folder: string;
let chromium: Browser;
let programs: Programs;
let proxy: Server;
let url: string;
beforeAll(async () => {
  const port = await freePort();
  url = `https://localhost:${port}`;
  folder = await mkdtemp(join(tmpdir(), 'over-tls-'));
  const TENANT_FILE = join(folder, 'tenant.json');
  await writeFile(TENANT_FILE, await tenantThatKnows(url));
  const changes = { tenant: { TENANT_FILE }, web: { BASE_URL: url, TRUST_PROXY: '1' } };
  [programs, chromium] = await Promise.all([startPrograms(undefined, changes), connectChromium()]);
  proxy = createProxy(programs.web.url);
  await once(proxy.listen(port, 'localhost'), 'listening');
});
afterAll(async () => {
  await chromium.close();
  proxy.closeAllConnections();
  proxy.close();
  await programs.stop();
  await rm(folder, { recursive: true });
});

/** The local tenant's registrations with two more addresses for the web app. */
async function tenantThatKnows(origin: string): Promise<string> {
  const tenant = await startTenant();
  const document = await (await fetch(`${tenant.origin}/dev/tenant.json`)).text();
  await tenant.stop();
  const known = '"https://localhost:3000/auth/redirect",';
  expect(document).toContain(known);
  return document.replace(known, `${known}"${origin}/auth/redirect","${origin}/auth/signed-out",`);
}

function createProxy(target: string): Server {
  const { privateKey, certificate } = makeCertificate();
  return createServer({ key: privateKey, cert: certificate }, (incoming, outgoing) => {
    const headers = { ...incoming.headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' };
    const passed = request(target, { method: incoming.method, path: incoming.url, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(passed.on('error', () => outgoing.destroy()));
  });
}

test('A-62 A-63 a real browser sends the cookies only to this host over https, until sign-out deletes them', async () => {
  const { context, page } = await openWindow(chromium, { ignoreHTTPSErrors: true });
  await page.goto(`${url}/auth/signin?returnTo=/todos`);
  const ofOurs = async () =>
    (await context.cookies()).filter(({ name }) => /^(?:__Host-)?(?:session|signin)/.test(name));
  const ours = { domain: 'localhost', path: '/', httpOnly: true, secure: true, sameSite: 'Lax' };
  expect(await ofOurs()).toEqual([
    expect.objectContaining({ ...ours, name: expect.stringMatching(/^__Host-signin\.[\w-]{16}$/) }),
  ]);
  await signInAtTenant(page, 'alice@example.com');
  await page.waitForURL(`${url}/todos`);
  const [session, ...others] = await ofOurs();
  expect(session).toMatchObject({ ...ours, name: '__Host-session', expires: -1 });
  expect(others).toEqual([]);
  expect(await page.evaluate('document.cookie')).not.toMatch(/session|signin/);
  await page.getByLabel('What is there to do?').fill('Over TLS');
  await press(page, 'Add');
  expect(await page.locator('.todos').innerText()).toContain('Over TLS');
  await press(page, 'Sign out');
  await page.waitForURL(`${url}/auth/signed-out`);
  expect(await ofOurs()).toEqual([]);
  await context.close();
});

test('A-62 a cookie that a sibling domain could have set is not accepted as a session', async () => {
  const { context, page } = await openWindow(chromium, { ignoreHTTPSErrors: true });
  await page.goto(`${url}/auth/signin`);
  await signInAtTenant(page, 'bob@example.com');
  await page.waitForURL(`${url}/`);
  const session = (await context.cookies()).find(({ name }) => name === '__Host-session');
  await context.clearCookies();
  // The browser rejects the first two; the third has a name that any site may set.
  await page.evaluate(`document.cookie = '__Host-session=${session?.value}; path=/; domain=localhost; secure'`);
  await page.evaluate(`document.cookie = '=__Host-session=${session?.value}; path=/; secure'`);
  await page.evaluate(`document.cookie = 'session=${session?.value}; path=/; secure'`);
  await page.goto(`${url}/`);
  expect(await page.locator('body').innerText()).not.toContain('Bob');
  await context.clearCookies();
  await context.addCookies(session ? [session] : []);
  await page.goto(`${url}/`);
  expect(await page.locator('body').innerText()).toContain('Hello, Bob');
  await context.close();
});
