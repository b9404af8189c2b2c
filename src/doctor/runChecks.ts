import { setTimeout as delay } from 'node:timers/promises';
import { checkAddress } from './checks/address.ts';
import { checkDirectory } from './checks/administrator.ts';
import { checkAgreement } from './checks/agreement.ts';
import { checkCredential } from './checks/credential.ts';
import { checkMachine } from './checks/machine.ts';
import { checkRedis } from './checks/redis.ts';
import { checkHeadlessRegistration, checkWebRegistration } from './checks/registrations.ts';
import { checkMetadata, checkNames } from './checks/tenant.ts';
import { checkTodoApi } from './checks/todoApi.ts';
import { type Finding, fail } from './finding.ts';
import { type ProgramName, readPrograms, type Subject, tenantOf } from './subject.ts';

export type Surroundings = Pick<Subject, 'environment' | 'http' | 'envFile' | 'nodeVersion' | 'now' | 'graph'> & {
  /** After which a check that has not ended fails; default: 5 s. */
  readonly longestCheckMs?: number;
};

/**
 * Checks the settings, what they lead to, and what the tenant says of them. Nothing is changed anywhere.
 * @param only the one program that is asked about; default: the web app, and the others where they are set up
 */
export async function examine(surroundings: Surroundings, only?: ProgramName): Promise<Finding[]> {
  const { programs, findings } = readPrograms(surroundings.environment, only);
  const subject: Subject = { ...surroundings, ...programs };
  const bounded = within(surroundings.longestCheckMs ?? 5_000);
  const groups = await Promise.all([
    bounded('machine', checkMachine(subject)),
    checkAgreement(subject),
    bounded('web app', checkAddress(subject)),
    bounded('to-do API', checkTodoApi(subject)),
    bounded('Redis', checkRedis(subject)),
    examineTenant(subject, bounded),
    bounded('administrator', checkDirectory(subject)),
  ]);
  return [...findings, ...groups.flat()];
}

async function examineTenant(subject: Subject, bounded: Bounded): Promise<Finding[]> {
  const settings = tenantOf(subject);
  if (!settings) return [];
  const names = bounded('tenant id', checkNames(settings, subject));
  const { findings, metadata } = await checkMetadata(settings, subject);
  const groups = await Promise.all([
    names,
    bounded('credential', checkCredential(subject, metadata)),
    metadata ? bounded('redirect URI', checkWebRegistration(subject, metadata)) : [],
    metadata ? bounded('headless redirect URI', checkHeadlessRegistration(subject, metadata)) : [],
  ]);
  return [...findings, ...groups.flat()];
}

type Bounded = (name: string, check: Promise<Finding[]>) => Promise<Finding[]>;

function within(longestMs: number): Bounded {
  return (name, check) => {
    const late = fail(name, `no answer within ${longestMs / 1000} s`, 'see whether this machine reaches it');
    return Promise.race([check, delay(longestMs, [late], { ref: false })]);
  };
}
