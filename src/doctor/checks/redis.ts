import { setTimeout } from 'node:timers/promises';
import { createClient } from 'redis';
import { errorFields } from '../../runtime/logger.ts';
import { RedisConnection } from '../../runtime/redis.ts';
import {
  apiProbe,
  type ProbeCommand,
  redisRemedy,
  redisRights,
  refusalOf,
  webProbe,
} from '../../runtime/redisProbe.ts';
import { isProduction } from '../../runtime/settings.ts';
import type { CheckContext } from '../checkContext.ts';
import { type Finding, fail, ok, unchecked, warn } from '../finding.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Sends a command; resolves with the reply, or with an Error if Redis refuses it. */
type Send = (command: string[]) => Promise<unknown>;

/** Whether Redis is reachable, evicts no data, and grants the programs what they need and no more. */
export async function checkRedis({ web, api, environment }: CheckContext): Promise<Finding[]> {
  const url = web?.redisUrl ?? api?.redisUrl;
  if (!url)
    return web || api ? [unchecked('Redis', 'REDIS_URL is not set: the programs keep their data in memory')] : [];
  const client = createClient({
    url,
    socket: { connectTimeout: 2_000, socketTimeout: 2_000, reconnectStrategy: false },
  });
  // An error event without a listener would end the process; the rejected promise has the same error.
  client.on('error', () => {});
  const send: Send = (command) => client.sendCommand(command).catch((error: unknown) => error);
  try {
    await client.connect();
    const commands = [...(web ? webProbe() : []), ...(api ? apiProbe() : [])];
    return [
      ok('Redis', 'answers'),
      checkTls(url, isProduction(environment)),
      await checkEviction(send),
      ...(await checkCommands(url, commands)),
      ...(isProduction(environment) ? [await checkExcess(send)] : []),
    ];
  } catch (error) {
    return [fail('Redis', `unavailable: ${errorFields(error).error}`, remedyOf(error))];
  } finally {
    client.destroy();
  }
}

function remedyOf(error: unknown): string {
  const refusal = refusalOf(error);
  return refusal ? redisRemedy(refusal) : 'start Redis, or correct the host and port in REDIS_URL; TLS needs rediss://';
}

function checkTls(url: string, inProduction: boolean): Finding {
  if (url.startsWith('rediss:')) return ok('Redis TLS', 'on');
  if (!inProduction) return ok('Redis TLS', 'off, outside production');
  return fail(
    'Redis TLS',
    "redis:// sends the password and the API's to-dos unencrypted",
    'use rediss:// in REDIS_URL',
  );
}

async function checkEviction(send: Send): Promise<Finding> {
  const name = 'Redis eviction';
  const policy = /maxmemory_policy:(\S+)/.exec(String(await send(['INFO', 'memory'])))?.[1];
  if (!policy) return unchecked(name, 'this Redis user may not run INFO', 'look up maxmemory-policy in the portal');
  if (!policy.startsWith('allkeys-')) return ok(name, policy);
  return warn(
    name,
    `${policy} evicts to-dos and active sessions when memory runs out`,
    'set maxmemory-policy to noeviction or volatile-ttl',
  );
}

/** Does what the programs do, through the connection that they have, on keys that expire. */
async function checkCommands(url: string, commands: readonly ProbeCommand[]): Promise<Finding[]> {
  const redis = new RedisConnection(url, silent);
  try {
    await connected(redis);
    const refused = new Map<string, string[]>();
    for (const { key, command } of commands) {
      const error = await redis.send(key, command).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) continue;
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      refused.set(refusal, [...(refused.get(refusal) ?? []), `${nameOf(command)} on ${key.replace(/:.*/, ':*')}`]);
    }
    const rights = refused.get('NOPERM');
    refused.delete('NOPERM');
    return [
      rights
        ? fail('Redis rights', `the user in REDIS_URL may not ${rights.join(', ')}`, `allow it: ${redisRights}`)
        : ok('Redis rights', 'enough'),
      ...(refused.size === 0 ? [ok('Redis commands', 'accepted')] : []),
      ...[...refused].map(([refusal, list]) =>
        fail('Redis commands', `Redis answers ${refusal} to ${list.join(', ')}`, redisRemedy(refusal)),
      ),
    ];
  } finally {
    redis.destroy();
  }
}

/** For two seconds at most; then the first command fails with the reason. */
async function connected(redis: RedisConnection): Promise<void> {
  for (const end = Date.now() + 2_000; !redis.isReady && Date.now() < end; ) await setTimeout(10);
}

function nameOf([command, subcommand]: readonly string[]): string {
  return command === 'SCRIPT' ? `SCRIPT ${subcommand}` : `${command}`;
}

/** The programs need no operator's rights; an intruder would profit from them. */
async function checkExcess(send: Send): Promise<Finding> {
  const reply = await send(['CONFIG', 'GET', 'maxmemory']);
  if (reply instanceof Error) return ok('Redis excess rights', 'none');
  const fix = 'use a Redis user without +@dangerous and +@admin';
  return warn('Redis excess rights', 'the user in REDIS_URL can reconfigure Redis', fix);
}
