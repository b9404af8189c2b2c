import { createHash, randomUUID } from 'node:crypto';
import { ErrorReply } from 'redis';

/** A command of a program, on a key that only the probe uses. */
export interface ProbeCommand {
  readonly key: string;
  readonly command: readonly string[];
}

/** The least rights that the programs work with. The web app needs the keys `web:*`, the API `api:*`. */
export const redisRights = '~web:* ~api:* +@read +@write +eval +evalsha +script|load +ping +cluster|slots';

const expirySeconds = '10';
const countScript = `redis.call('PTTL', KEYS[1])
redis.call('SET', KEYS[1], '1', 'PX', '10000')
return redis.call('INCR', KEYS[1])`;
const sortedSetScript = `redis.call('ZADD', KEYS[1], '1', 'probe')
redis.call('EXPIRE', KEYS[1], '10')
redis.call('ZCARD', KEYS[1])
return redis.call('ZRANGE', KEYS[1], '0', '0')`;
const hashScript = `redis.call('HSET', KEYS[1], '1', 'probe')
redis.call('EXPIRE', KEYS[1], '10')
redis.call('HEXISTS', KEYS[1], '1')
return redis.call('HLEN', KEYS[1])`;

/** The web app's commands, as it sends them for session records, the session index and rate limits. */
export function webProbe(): ProbeCommand[] {
  const id = randomUUID();
  const record = `web:v1:session:{probe-${id}}`;
  const index = `web:v1:sid:{probe-${id}}`;
  return [
    ...countProbe(`web:v1:rate:probe:${id}`),
    { key: record, command: ['SET', record, 'probe', 'NX', 'EX', expirySeconds] },
    { key: record, command: ['GET', record] },
    { key: record, command: ['SET', record, 'probe', 'XX', 'KEEPTTL'] },
    { key: record, command: ['EXPIRE', record, expirySeconds] },
    { key: record, command: ['DEL', record] },
    { key: index, command: ['EVAL', sortedSetScript, '1', index] },
    { key: index, command: ['ZRANGE', index, '0', '1'] },
    { key: index, command: ['ZREM', index, 'probe'] },
  ];
}

/** The API's commands, as it sends them for to-dos, their ids and rate limits. */
export function apiProbe(): ProbeCommand[] {
  const id = randomUUID();
  const list = `api:v1:todos:probe-${id}`;
  const number = `api:v1:probe-id:${id}`;
  return [
    ...countProbe(`api:v1:rate:probe:${id}`),
    { key: list, command: ['EVAL', hashScript, '1', list] },
    { key: list, command: ['HSET', list, '2', 'probe'] },
    { key: list, command: ['EXPIRE', list, expirySeconds] },
    { key: list, command: ['HGETALL', list] },
    { key: list, command: ['HGET', list, '1'] },
    { key: list, command: ['HMGET', list, '1'] },
    { key: list, command: ['HDEL', list, '1', '2'] },
    { key: number, command: ['SET', number, '0', 'EX', expirySeconds] },
    { key: number, command: ['INCR', number] },
    { key: number, command: ['GET', number] },
  ];
}

function countProbe(key: string): ProbeCommand[] {
  const sha = createHash('sha1').update(countScript).digest('hex');
  return [
    // First a command on the key: on a cluster, it leads to the node that gets the script.
    { key, command: ['GET', key] },
    { key, command: ['PING'] },
    { key, command: ['SCRIPT', 'LOAD', countScript] },
    { key, command: ['EVALSHA', sha, '1', key] },
  ];
}

/** Errors that the programs expect and handle. */
const expected = ['WRONGTYPE', 'NOSCRIPT', 'ASK'];

/**
 * The first word of Redis' own error, such as `NOPERM`, which names its kind and holds no data.
 * @returns undefined for a connection that failed
 */
export function refusalOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (!(each instanceof ErrorReply)) continue;
    // What Redis 7.0 says of a command inside a script.
    if (each.message.startsWith('ERR The user executing the script')) return 'NOPERM';
    const word = /^[A-Z]+\b/.exec(each.message)?.[0];
    if (word && !expected.includes(word)) return word;
  }
  return undefined;
}

const credentials = 'correct the user and password in REDIS_URL; write / # ? @ % in a password as %2F %23 %3F %40 %25';
const remedies: ReadonlyMap<string, string> = new Map([
  ['NOPERM', `give the Redis user the rights ${redisRights}`],
  ['WRONGPASS', credentials],
  ['NOAUTH', credentials],
  ['READONLY', 'REDIS_URL leads to a replica; use the address of the primary'],
  ['OOM', 'Redis is full; give it more memory'],
  ['MISCONF', 'Redis cannot save to its disk; free some space there'],
  ['MOVED', 'Redis is a cluster whose nodes cannot be reached; open their ports, and allow the user +cluster|slots'],
]);

/** How an operator cures a refusal. */
export function redisRemedy(refusal: string): string {
  return remedies.get(refusal) ?? 'see the error';
}
