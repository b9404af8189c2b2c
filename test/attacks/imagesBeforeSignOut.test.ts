import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectChromium, openWindow } from '../support/chromium.ts';
import { claimOn } from '../support/page.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
let chromium: Browser;
let other: Server;
let otherUrl: string;
beforeAll(async () => {
  [system, chromium] = await Promise.all([startSystem(), connectChromium()]);
  const url = `${system.webUrl}/auth/front-channel-logout?sid=x`;
  other = createServer((_request, response) => {
    const images = Array.from({ length: 301 }, (_, number) => `<img src="${url}${number}">`);
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><title>Other</title>${images.join('')}`);
  });
  await once(other.listen(0, 'localhost'), 'listening');
  const address = other.address();
  otherUrl = `http://localhost:${typeof address === 'object' && address ? address.port : 0}`;
});
afterAll(async () => {
  await chromium.close();
  other.closeAllConnections();
  other.close();
  await system.stop();
});

test('A-79 a page with 300 images of front-channel sign-out does not keep the tenant’s frame from signing out', async () => {
  const alice = await system.signedIn('alice@example.com');
  const { html } = await alice.goto(`${system.webUrl}/users/id`);
  const { page } = await openWindow(chromium);
  await page.goto(otherUrl, { waitUntil: 'load' });
  const frame = `${system.webUrl}/auth/front-channel-logout?sid=${claimOn(html, 'sid')}`;
  const answer = page.waitForResponse(frame);
  await page.evaluate(`document.body.append(Object.assign(document.createElement('iframe'), { src: '${frame}' }))`);
  expect((await answer).status()).toBe(200);
  expect((await alice.fetch(`${system.webUrl}/users/id`)).status).toBe(303);
});
