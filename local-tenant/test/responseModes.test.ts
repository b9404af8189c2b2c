import { createServer, type Server } from 'node:http';
import type { Browser as Chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectChromium, openWindow } from '../../test/support/chromium.ts';
import { press, signInAtTenant } from '../../test/support/customerSteps.ts';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { type BrowserPage, TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { seededPassword } from '../src/seed/customers.ts';
import { DemoApp, redirectUri } from './DemoApp.ts';

const alice = 'alice@example.com';
let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startTenant();
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

/** The parameters of an answer: from the address, or from the form of the page that posts itself. */
function answerOf({ url, html, isElsewhere }: BrowserPage): { where: string; fields: URLSearchParams } {
  if (isElsewhere) {
    const where = url.hash ? 'fragment' : 'query';
    return { where, fields: new URLSearchParams((url.hash || url.search).slice(1)) };
  }
  expect(html).toContain(`<form method="post" action="${redirectUri}">`);
  const inputs = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  const fields = inputs.map(([, name = '', value = '']): [string, string] => [name, value]);
  return { where: 'form_post', fields: new URLSearchParams(fields) };
}

async function signIn(changes: Readonly<Record<string, string>>, browser = new TenantBrowser()): Promise<BrowserPage> {
  const address = await browser.open(app.authorizeUrl(changes));
  const password = await browser.submit(address, { email: alice });
  return browser.submit(password, { password: seededPassword });
}

describe.each(['query', 'fragment', 'form_post'])('with response_mode=%s', (response_mode) => {
  test('a sign-in is answered there with state, session_state, client_info and a valid code', async () => {
    const browser = new TenantBrowser();
    const pages = [await signIn({ response_mode, client_info: '1' }, browser)];
    pages.push(await browser.open(app.authorizeUrl({ response_mode, client_info: '1', prompt: 'none' })));
    for (const { where, fields } of pages.map(answerOf)) {
      expect(where).toBe(response_mode);
      expect([...fields.keys()].sort()).toEqual(['client_info', 'code', 'session_state', 'state']);
      expect(fields.get('state')).toBe('the-state');
      const tokens = await app.redeem(new URL(`${redirectUri}?${fields}`));
      expect(tokens.status).toBe(200);
    }
  });

  test.each([
    ['a silent sign-in of nobody', { prompt: 'none' }, 'login_required', 50058],
    ['a request that is wrong', { code_challenge: 'short' }, 'invalid_request', 501491],
  ])('%s is reported there, with the error and state', async (_case, changes, error, code) => {
    const { where, fields } = answerOf(await new TenantBrowser().open(app.authorizeUrl({ response_mode, ...changes })));
    expect(where).toBe(response_mode);
    expect(Object.fromEntries(fields)).toEqual({
      error,
      error_description: expect.stringMatching(new RegExp(`^AADSTS${code}: `)),
      error_uri: `${tenant.origin}/error?code=${code}`,
      state: 'the-state',
    });
  });

  test('Cancel is reported there with error, error_subcode and state, and nothing else', async () => {
    const browser = new TenantBrowser();
    const first = await browser.open(app.authorizeUrl({ response_mode }));
    const { where, fields } = answerOf(await browser.submit(first, {}, 'Cancel'));
    expect(where).toBe(response_mode);
    expect(Object.fromEntries(fields)).toEqual({
      error: 'access_denied',
      error_subcode: 'cancel',
      state: 'the-state',
    });
  });

  test.each([
    ['answer-repeated-state', 'state', ['the-state', 'the-state']],
    ['answer-no-code', 'code', []],
    ['answer-error-with-code', 'error', ['server_error']],
  ])('the fault %s shows there, in that sign-in only', async (fault, name, values) => {
    const browser = new TenantBrowser();
    const { where, fields } = answerOf(await signIn({ response_mode, fault }, browser));
    expect([where, fields.getAll(name)]).toEqual([response_mode, values]);
    await tenant.control('faults', { name: fault, times: 1 });
    const open = async () => answerOf(await browser.open(app.authorizeUrl({ response_mode }))).fields.getAll(name);
    expect(await open()).toEqual(values);
    expect(await open()).not.toEqual(values);
  });
});

test('without a state, no mode returns one', async () => {
  for (const response_mode of ['query', 'fragment', 'form_post']) {
    const url = app.authorizeUrl({ response_mode, state: undefined, prompt: 'none' });
    expect(answerOf(await new TenantBrowser().open(url)).fields.has('state')).toBe(false);
  }
});

test('an app’s state is text on the page that posts it', async () => {
  const state = '"><script>alert(1)</script>';
  const url = app.authorizeUrl({ response_mode: 'form_post', prompt: 'none', state });
  const { html } = await new TenantBrowser().open(url);
  expect(html).not.toContain('<script>alert');
  expect(html).toContain('&lt;script&gt;alert(1)');
});

describe('the form_post page in a browser', () => {
  const received: URLSearchParams[] = [];
  const elsewhere = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<title>Signed in</title>');
  });
  /** An app that takes the form, and leads on to another origin, as apps do. */
  const posted = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push(new URLSearchParams(body));
    response.writeHead(303, { location: originOf(elsewhere) }).end();
  });
  const originOf = (server: Server) => {
    const address = server.address();
    return `http://localhost:${typeof address === 'object' && address ? address.port : 0}/`;
  };
  let chromium: Chromium;
  beforeAll(async () => {
    for (const server of [elsewhere, posted]) {
      await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    }
    chromium = await connectChromium();
  });
  afterAll(async () => {
    await chromium.close();
    elsewhere.close();
    posted.close();
  });

  test.each([
    ['posts itself', true],
    ['has a visible button where scripts are off', false],
  ])('%s, and its policy blocks neither the form nor the app’s next redirect', async (_case, javaScriptEnabled) => {
    const { context, page, faults } = await openWindow(chromium, { javaScriptEnabled });
    const url = app.authorizeUrl({ response_mode: 'form_post', redirect_uri: `${originOf(posted)}auth/redirect` });
    await page.goto(url.href);
    await signInAtTenant(page, alice);
    if (!javaScriptEnabled) await press(page, 'Continue');
    await page.waitForURL(originOf(elsewhere));
    expect(await page.title()).toBe('Signed in');
    expect(received.pop()?.has('code')).toBe(true);
    expect(received).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });
});
