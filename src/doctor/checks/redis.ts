import { createClient } from 'redis';
import { errorFields } from '../../runtime/logger.ts';
import { isProduction } from '../../runtime/settings.ts';
import type { CheckContext } from '../checkContext.ts';
import { type Finding, fail, ok, unchecked, warn } from '../finding.ts';

type Command = [string, ...string[]];

/** Each command needs a permission, and changes nothing, because the key does not exist. */
const webCommands: Command[] = [
  ['GET', 'web:v1:session:doctor'],
  ['SET', 'web:v1:session:doctor', '', 'XX'],
  ['EXPIRE', 'web:v1:session:doctor', '1'],
  ['DEL', 'web:v1:session:doctor'],
];
const apiCommands: Command[] = [
  ['HGETALL', 'api:v1:todos:doctor'],
  ['HDEL', 'api:v1:todos:doctor', '0'],
  ['EVAL', 'return 0', '1', 'api:v1:todos:doctor'],
];

/** Sends a command; resolves with the reply, or with an Error if Redis refuses it. */
type Send = (command: Command) => Promise<unknown>;

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
    const commands = [...(web ? webCommands : []), ...(api ? apiCommands : [])];
    return [
      ok('Redis', 'answers'),
      checkTls(url, isProduction(environment)),
      await checkEviction(send),
      await checkRights(commands, send),
      ...(isProduction(environment) ? [await checkExcess(send)] : []),
    ];
  } catch (error) {
    return [fail('Redis', `unavailable: ${errorFields(error).error}`, remedyOf(error))];
  } finally {
    client.destroy();
  }
}

function remedyOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return /WRONGPASS|NOAUTH/.test(message)
    ? 'correct the user and password in REDIS_URL; write characters such as / and @ as %2F and %40'
    : 'start Redis, or correct the host and port in REDIS_URL; TLS needs rediss://';
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

async function checkRights(commands: readonly Command[], send: Send): Promise<Finding> {
  const replies = await Promise.all(commands.map(send));
  const refused = commands.filter((_command, index) => /^NOPERM/.test(messageOf(replies[index])));
  if (refused.length === 0) return ok('Redis rights', 'enough');
  const list = refused.map(([command, ...parameters]) => `${command} on ${keyOf(parameters)}`).join(', ');
  return fail(
    'Redis rights',
    `the user in REDIS_URL may not ${list}`,
    'allow it: ~web:* ~api:* +@read +@write +eval +ping',
  );
}

/** The programs need no operator's rights; an intruder would profit from them. */
async function checkExcess(send: Send): Promise<Finding> {
  const reply = await send(['CONFIG', 'GET', 'maxmemory']);
  if (reply instanceof Error) return ok('Redis excess rights', 'none');
  const fix = 'use a Redis user without +@dangerous and +@admin';
  return warn('Redis excess rights', 'the user in REDIS_URL can reconfigure Redis', fix);
}

function keyOf(parameters: readonly string[]): string {
  return parameters.find((parameter) => /^(web|api):/.test(parameter))?.replace(/:.*/, ':*') ?? '';
}

function messageOf(reply: unknown): string {
  return reply instanceof Error ? reply.message : '';
}
