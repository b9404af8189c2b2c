import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectChromium, openWindow } from '../support/chromium.ts';
import { type System, startSystem, until } from '../support/system.ts';

let system: System;
let chromium: Browser;
let other: Server;
let otherUrl: string;
beforeAll(async () => {
  [system, chromium] = await Promise.all([startSystem({ SIGN_INS_PER_MINUTE: '5' }), connectChromium()]);
  const rules = JSON.stringify({ prefetch: [{ source: 'list', urls: [`${system.webUrl}/auth/signin`] }] });
  const pages: Readonly<Record<string, string>> = {
    '/rules': `<script type="speculationrules">${rules}</script>`,
    '/navigates': `<script>
      let left = 8;
      const again = setInterval(() => {
        if (left-- > 0) location.href = '${system.webUrl}/auth/signin?' + left;
        else clearInterval(again);
      }, 50);
    </script>`,
  };
  other = createServer((request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><title>Other</title>${pages[request.url ?? ''] ?? ''}`);
  });
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const address = other.address();
  otherUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});
afterAll(async () => {
  await chromium.close();
  other.closeAllConnections();
  other.close();
  await system.stop();
});

function statusesOfSignIn(since: number): number[] {
  const lines = system.logged.slice(since).map((line) => JSON.parse(line));
  return lines
    .filter(({ message, path }) => message === 'request' && path === '/auth/signin')
    .map(({ status }) => status);
}

describe('a page of another site in Chromium', () => {
  test.each([
    ['/rules', 503],
    ['/navigates', 403],
  ])('A-101 at %s starts no sign-in by itself, and the customer can still start one', async (path, status) => {
    const { context, page } = await openWindow(chromium);
    const before = system.logged.length;
    await page.goto(otherUrl + path);
    await until(() => statusesOfSignIn(before).length > 0);
    expect(new Set(statusesOfSignIn(before))).toEqual(new Set([status]));
    const cookies = await context.cookies(system.webUrl);
    expect(cookies).toEqual([]);
    const customer = await context.newPage();
    await customer.goto(`${system.webUrl}/auth/signin`);
    expect(new URL(customer.url()).origin).toBe(system.tenantUrl);
  });
});
