import { webApp } from 'entra-local-tenant';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDocumentTenant } from '../../local-tenant/test/documentTenant.ts';
import type { Environment } from '../../src/runtime/settings.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';
import type { RunningTenant } from '../support/startTenant.ts';
import { type System, startSystem } from '../support/system.ts';
import { faults, flawedTenant } from './plantedFaults.ts';
import { complaintsOf, findingsOf, soundSettings } from './soundSetup.ts';

describe('the doctor', () => {
  let tenant: RunningTenant;
  let system: System;
  let redis: RedisServer;
  let sound: Environment;

  beforeAll(async () => {
    [tenant, system, redis] = await Promise.all([startDocumentTenant(flawedTenant), startSystem(), startRedis()]);
    sound = soundSettings(tenant, system, redis.url);
  });
  afterAll(() => Promise.all([tenant.stop(), system.stop(), redis.stop()]));

  test('finds nothing wrong in a correct setup, and leaves unchecked only what an administrator can see', async () => {
    const findings = await findingsOf(sound);
    const unchecked = findings.filter(({ status }) => status !== 'ok');
    expect(unchecked.filter(({ cause }) => cause !== 'only an administrator can tell')).toEqual([]);
    expect(unchecked.map(({ name }) => name)).toContain('user flow');
    expect(findings.length).toBeGreaterThan(20);
  });

  test.each(Object.entries(faults))('finds %s', async (_name, fault) => {
    const { settings, tenant: tenantFault, complaints, cause, ...circumstances } = fault;
    if (tenantFault) await tenant.control('faults', { name: tenantFault, times: 10 });
    const findings = await findingsOf({ ...sound, ...settings }, circumstances).finally(() => tenant.control('reset'));
    expect(complaintsOf(findings).sort()).toEqual([...complaints].sort());
    const wrong = findings.filter(({ status }) => status === 'warn' || status === 'fail');
    expect(wrong.map((finding) => finding.cause).join('\n')).toMatch(cause);
    expect(wrong.every(({ fix }) => fix.length > 0)).toBe(true);
    const secrets = [webApp.secret, 'not-the-secret', String(sound.SESSION_SECRET)];
    for (const secret of secrets) expect(JSON.stringify(findings)).not.toContain(secret);
  });
});
