import { readFileSync } from 'node:fs';
import { seededCustomers, seededPassword } from 'entra-local-tenant';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiProbe, redisRights, webProbe } from '../../src/runtime/redisProbe.ts';
import { Browser } from '../support/Browser.ts';
import { freePort } from '../support/freePort.ts';
import { claimOn } from '../support/page.ts';
import { type Programs, startPrograms } from '../support/programs.ts';
import { type RedisCluster, startRedisCluster } from '../support/redisCluster.ts';

const [alice] = seededCustomers;
const user = ['ACL', 'SETUSER', 'programs', 'reset', 'on', '>a-password', ...redisRights.split(' ')];

async function signIn(web: string): Promise<Browser> {
  const browser = new Browser();
  await browser.goto(`${web}/auth/signin?returnTo=/todos`);
  await browser.submit('Next', { email: alice.email });
  const { status } = await browser.submit('Sign in', { password: seededPassword });
  expect(status).toBe(200);
  return browser;
}

describe('the programs on a Redis cluster of three nodes, with the least rights that the doctor advises', () => {
  let cluster: RedisCluster;
  let programs: Programs;
  beforeAll(async () => {
    cluster = await startRedisCluster(3);
    for (const operator of cluster.operators) {
      await operator.sendCommand(user);
      await operator.configResetStat();
    }
    const url = cluster.nodes[0]?.url.replace('//', '//programs:a-password@');
    programs = await startPrograms(url);
  });
  afterAll(async () => {
    await programs.stop();
    await cluster.stop();
  });

  test('have the rights that the document says', () => {
    expect(readFileSync(new URL('../../docs/2-prepare-app.md', import.meta.url), 'utf8')).toContain(redisRights);
  });

  test('sign customers in, keep their to-dos and sign them out for good', async () => {
    const { url } = programs.web;
    const browsers: Browser[] = [];
    // One after the other: the tenant locks an account after too many passwords at once.
    for (let count = 0; count < 6; count += 1) browsers.push(await signIn(url));
    for (const [index, browser] of browsers.entries()) {
      await browser.submit('Add', { description: `To-do ${index}` });
      expect(browser.text()).toContain(`To-do ${index}`);
    }
    for (const browser of browsers) {
      const cookie = browser.cookies.get('session');
      await browser.goto(`${url}/auth/signout`);
      await browser.submit('Sign out');
      if (cookie) browser.cookies.set('session', cookie);
      expect((await browser.fetch(`${url}/todos`)).status).toBe(303);
    }
  });

  test('end a session that was signed out elsewhere', async () => {
    const browser = await signIn(programs.web.url);
    const { html } = await browser.goto(`${programs.web.url}/users/id`);
    await fetch(`${programs.web.url}/auth/front-channel-logout?sid=${claimOn(html, 'sid')}`);
    expect((await browser.fetch(`${programs.web.url}/todos`)).status).toBe(303);
  });

  test('share their rate limits', async () => {
    const settings = { SIGN_INS_PER_MINUTE: '5', SESSION_SECRET: 'another-secret-of-the-tests-that-is-long-enough' };
    const ports = [await freePort(), await freePort()];
    const webs = await Promise.all(ports.map((port) => programs.startWeb({ ...settings, PORT: String(port) })));
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      statuses.push((await new Browser().fetch(`${webs[count % 2]?.url}/auth/signin`)).status);
    }
    expect(statuses).toEqual([302, 302, 302, 302, 302, 429]);
  });

  test('are ready, log no error and were refused nothing', async () => {
    for (const program of [programs.web, programs.api]) {
      expect((await fetch(`${program.url}/readyz`)).status).toBe(200);
      expect(program.output()).not.toMatch(/ ERROR | WARN .*Redis/);
    }
    for (const operator of cluster.operators) expect(await operator.sendCommand(['ACL', 'LOG'])).toEqual([]);
  });

  test('sent no command that the check of readiness does not try', async () => {
    const tried = new Set([...webProbe(), ...apiProbe()].map(({ command: [word = ''] }) => word.toLowerCase()));
    const ofProbeScripts = ['pttl', 'zadd', 'zcard', 'expire', 'hexists', 'hlen'];
    const ofConnections = [
      'hello',
      'auth',
      'client',
      'cluster',
      'info',
      'acl',
      'dbsize',
      'config',
      'command',
      'readonly',
    ];
    for (const operator of cluster.operators) {
      const stats = await operator.info('commandstats');
      for (const [, command = ''] of stats.matchAll(/^cmdstat_(\w+)/gm)) {
        expect([...tried, ...ofProbeScripts, ...ofConnections]).toContain(command);
      }
    }
  });
});
