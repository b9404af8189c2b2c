import { setTimeout as delay } from 'node:timers/promises';
import { type CheckContext, type ProgramName, readPrograms, tenantOf } from './checkContext.ts';
import { checkAddress } from './checks/address.ts';
import { checkAllowedClients } from './checks/allowedClients.ts';
import { checkDirectory } from './checks/asAdministrator.ts';
import { checkCredential } from './checks/credential.ts';
import { checkMachine } from './checks/machine.ts';
import { checkRedis } from './checks/redis.ts';
import { checkHeadlessRegistration, checkWebRegistration } from './checks/registrations.ts';
import { checkMetadata, checkNames } from './checks/tenant.ts';
import { checkTodoApi } from './checks/todoApi.ts';
import { type Finding, fail } from './finding.ts';

export type Dependencies = Pick<CheckContext, 'environment' | 'http' | 'envFile' | 'nodeVersion' | 'now' | 'graph'> & {
  /** Checks that take longer fail; default: 5 s. */
  readonly longestCheckMs?: number;
};

/**
 * Checks the settings, what they lead to, and what the tenant says about them. Changes nothing anywhere.
 * @param only the one program to check; default: the web app, and the others if they are set up here
 */
export async function runChecks(dependencies: Dependencies, only?: ProgramName): Promise<Finding[]> {
  const { programs, findings } = readPrograms(dependencies.environment, only);
  const context: CheckContext = { ...dependencies, ...programs };
  const bounded = within(dependencies.longestCheckMs ?? 5_000);
  const groups = await Promise.all([
    bounded('machine', checkMachine(context)),
    checkAllowedClients(context),
    bounded('web app', checkAddress(context)),
    bounded('to-do API', checkTodoApi(context)),
    bounded('Redis', checkRedis(context)),
    checkTenant(context, bounded),
    bounded('administrator', checkDirectory(context)),
  ]);
  return [...findings, ...groups.flat()];
}

async function checkTenant(context: CheckContext, bounded: Bounded): Promise<Finding[]> {
  const settings = tenantOf(context);
  if (!settings) return [];
  const names = bounded('tenant id', checkNames(settings, context));
  const { findings, metadata } = await checkMetadata(settings, context);
  const groups = await Promise.all([
    names,
    bounded('credential', checkCredential(context, metadata)),
    metadata ? bounded('redirect URI', checkWebRegistration(context, metadata)) : [],
    metadata ? bounded('headless redirect URI', checkHeadlessRegistration(context, metadata)) : [],
  ]);
  return [...findings, ...groups.flat()];
}

type Bounded = (name: string, check: Promise<Finding[]>) => Promise<Finding[]>;

function within(longestMs: number): Bounded {
  return (name, check) => {
    const late = fail(name, `no answer within ${longestMs / 1000} s`, 'check that this machine can reach it');
    return Promise.race([check, delay(longestMs, [late], { ref: false })]);
  };
}
