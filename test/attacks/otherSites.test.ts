import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectChromium, openWindow } from '../support/chromium.ts';
import { signInAtTenant } from '../support/customerSteps.ts';
import { type System, startSystem, until } from '../support/system.ts';

// The other site is on another port of the same host. Browsers treat it as the same site, so its requests carry
// the session cookie. Sites whose requests carry no cookie can do even less.

let system: System;
let chromium: Browser;
let other: Server;
let otherUrl: string;
let customer: Page;
let attacker: Page;
beforeAll(async () => {
  [system, chromium] = await Promise.all([startSystem(), connectChromium()]);
  other = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Other site</title><body>');
  });
  await once(other.listen(0, 'localhost'), 'listening');
  const address = other.address();
  otherUrl = `http://localhost:${typeof address === 'object' && address ? address.port : 0}/`;
  customer = (await openWindow(chromium)).page;
  await customer.goto(`${system.webUrl}/auth/signin?returnTo=/todos`);
  await signInAtTenant(customer, 'alice@example.com');
  await customer.waitForURL(`${system.webUrl}/todos`);
});
afterAll(async () => {
  await chromium.close();
  other.closeAllConnections();
  other.close();
  await system.stop();
});

/** The requests of the attacker's page in the app's log. */
let asked: () => string[];
beforeEach(async () => {
  attacker = await customer.context().newPage();
  await attacker.goto(otherUrl);
  const before = system.logged.length;
  asked = () => {
    const lines = system.logged.slice(before).map((line) => JSON.parse(line));
    const requests = lines.filter(({ message }) => message === 'request');
    return requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
  };
});
afterEach(() => attacker.close());

describe('a page on another site', () => {
  test.each(['cors', 'no-cors'])(
    'A-100 that fetches the claims with the cookie in %s mode reads nothing',
    async (mode) => {
      const read = await attacker.evaluate(
        `fetch('${system.webUrl}/users/id', { mode: '${mode}', credentials: 'include' })
        .then(async (answer) => 'read ' + answer.type + ' ' + await answer.text(), (error) => error.name)`,
      );
      expect(read).toBe('TypeError');
      // The app answered, so it was the browser that blocked the answer.
      expect(asked()).toEqual([expect.stringMatching(/GET \/users\/id 200$/)]);
    },
  );

  test.each([
    ['a script', "Object.assign(document.createElement('script'), { src })"],
    ['a stylesheet', "Object.assign(document.createElement('link'), { rel: 'stylesheet', href: src })"],
    ['an image', "Object.assign(document.createElement('img'), { src })"],
    ['an object', "Object.assign(document.createElement('object'), { data: src })"],
    ['a video', "Object.assign(document.createElement('video'), { src })"],
  ])('A-100 that loads the claims as %s gets an error', async (_what, element) => {
    const outcome = await attacker.evaluate(`new Promise((resolve) => {
      const src = '${system.webUrl}/users/id';
      const element = ${element};
      element.onload = element.onloadeddata = () => resolve('loaded');
      element.onerror = () => resolve('error');
      document.body.append(element);
    })`);
    expect(outcome).toBe('error');
    // The request carried the cookie, so the app answered with the claims.
    expect(asked()).toContainEqual(expect.stringMatching(/GET \/users\/id 200$/));
  });

  test('A-100 that opens the app in a new window cannot access it', async () => {
    const opening = attacker.context().waitForEvent('page');
    await attacker.evaluate(`window.opened = window.open('${system.webUrl}/users/id'); undefined`);
    const opened = await opening;
    await opened.getByRole('heading', { name: 'Your claims' }).waitFor();
    expect(await attacker.evaluate('window.opened.closed')).toBe(true);
    expect(await opened.evaluate('window.opener')).toBeNull();
  });

  test.each(['/', '/users/id', '/todos', '/auth/signout', '/no-such-page', '/livez', '/assets/icon.svg'])(
    'A-98 that frames %s shows nothing',
    async (path) => {
      const framed = await attacker.evaluate(`new Promise((resolve) => {
        const frame = Object.assign(document.createElement('iframe'), { src: '${system.webUrl}${path}' });
        frame.onload = () => resolve(frame.contentDocument === null);
        document.body.append(frame);
      })`);
      expect(framed).toBe(true);
      const [frame] = attacker.mainFrame().childFrames();
      await until(() => frame?.url() === 'chrome-error://chromewebdata/');
    },
  );

  test.each(['/todos', '/todos/1', '/todos/1/delete', '/auth/signout'])(
    'A-67 A-72 that sends a form to %s changes nothing, even with a valid token',
    async (path) => {
      const token = await customer.locator('input[name=_csrf]').first().inputValue();
      await attacker.evaluate(`
        const form = Object.assign(document.createElement('form'), { method: 'post', action: '${system.webUrl}${path}' });
        for (const [name, value] of [['_csrf', '${token}'], ['description', 'Forged']]) {
          form.append(Object.assign(document.createElement('input'), { name, value }));
        }
        document.body.append(form);
        form.submit();
        undefined`);
      await attacker.getByRole('heading', { name: 'We couldn’t accept that form' }).waitFor();
      expect(await attacker.locator('body').innerText()).not.toContain('Forged');
      expect(asked()).toEqual([expect.stringMatching(/POST \/\S+ 403$/)]);
      await customer.goto(`${system.webUrl}/todos`);
      expect(await customer.locator('body').innerText()).toContain('Nothing to do yet.');
    },
  );

  test('A-71 that loads the sign-out page as an image signs nobody out', async () => {
    await attacker.evaluate(`new Promise((resolve) => {
      document.body.append(Object.assign(new Image(), { src: '${system.webUrl}/auth/signout', onerror: resolve }));
    })`);
    expect(asked()).toEqual([expect.stringMatching(/GET \/auth\/signout \d/)]);
    await customer.reload();
    expect(await customer.locator('body').innerText()).toContain('Your to-do list');
  });
});
