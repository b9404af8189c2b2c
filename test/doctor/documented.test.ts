import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { terminal, todoApi, webApp } from 'entra-local-tenant';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusals } from '../../src/doctor/aadsts.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { type System, startSystem } from '../support/system.ts';
import { graphOf, soundApplications, soundDirectory } from './directoryDouble.ts';
import { findingsOf, noNetwork, soundSettings } from './soundSetup.ts';

const file = resolve(import.meta.dirname, '../../docs/troubleshooting.md');
const page = readFileSync(file, 'utf8');

/** The checks in the last column of the tables. */
const namedChecks = page
  .split('\n')
  .filter((line) => /^\| (AADSTS|.*\| .*\| `)/.test(line))
  .flatMap((line) => [...(line.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));

let [tenant, system, redis]: [RunningTenant?, System?, RedisServer?] = [];
let names: Set<string>;

beforeAll(async () => {
  [tenant, system, redis] = await Promise.all([startTenant(), startSystem(), startRedis()]);
  const { web, api, headless } = soundApplications;
  const applications = { [webApp.clientId]: web, [todoApi.clientId]: api, [terminal.clientId]: headless };
  const graph = graphOf({ ...soundDirectory, applications });
  const settings = soundSettings(tenant, system, redis.url);
  const inProduction = { ...settings, METADATA_URL: '', NODE_ENV: 'production' };
  const findings = await Promise.all([
    findingsOf(settings, { graph, envFile: file }),
    findingsOf({ ...inProduction, BASE_URL: 'https://app.invalid', TRUST_PROXY: '1' }, { http: noNetwork }),
  ]);
  names = new Set(findings.flat().map(({ name }) => name));
});
afterAll(async () => {
  await Promise.all([tenant?.stop(), system?.stop(), redis?.stop()]);
});

test('docs/troubleshooting.md names every check', () => {
  expect(names).toContain('Redis excess rights');
  expect([...names].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('docs/troubleshooting.md names only checks of the doctor', () => {
  expect(namedChecks.length).toBeGreaterThan(30);
  expect([...new Set(namedChecks)].filter((name) => name && !names.has(name))).toEqual([]);
});

test('docs/troubleshooting.md explains every code that the doctor explains', () => {
  expect(Object.keys(refusals).filter((code) => !page.includes(`AADSTS${code}`))).toEqual([]);
});
