import { createClient } from 'redis';
import { errorFields, type Logger } from './logger.ts';

/** A Redis client that answers within about a second, whatever state Redis is in. */
export type RedisClient = ReturnType<typeof connectRedis>;

/**
 * Connects to Redis in the background and keeps reconnecting for as long as the process lives.
 * Commands fail at once while it is away (no offline queue), and a Redis that is frozen is noticed by an
 * unanswered ping after one second; node-redis' own defaults would wait without end for it, or give up for good.
 * @param url `redis://` or `rediss://` (TLS)
 * @see https://github.com/redis/node-redis/blob/master/docs/client-configuration.md
 * @see https://github.com/redis/node-redis/issues/1358
 */
export function connectRedis(url: string, log: Logger) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    pingInterval: 400,
    // The default is a timer for each command, which guards only commands that are not written yet: here there are none.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: 1_000,
      socketTimeout: 1_000,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 5), 1_000) + Math.random() * 50,
    },
  });
  let away = false;
  client.on('error', (error) => {
    if (!away) log.error('Redis is away; reconnecting', errorFields(error));
    away = true;
  });
  client.on('ready', () => {
    log.info(away ? 'Redis is back' : 'Redis is connected');
    away = false;
  });
  void client.connect().catch((error) => log.error('Redis client stopped', errorFields(error)));
  return client;
}
