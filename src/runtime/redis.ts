import { createClient } from 'redis';
import { errorFields, type Logger } from './logger.ts';

/** A Redis client whose commands succeed or fail within about a second, whatever state Redis is in. */
export type RedisClient = ReturnType<typeof connectRedis>;

/**
 * Connects to Redis in the background and keeps reconnecting for as long as the process lives. While Redis is unavailable,
 * commands fail at once (no offline queue). An unanswered ping reveals a frozen Redis after one second. With its defaults,
 * node-redis would wait for it indefinitely, or stop reconnecting.
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
    // The default sets a timer for each command, which covers only queued commands; there is no queue.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: 1_000,
      socketTimeout: 1_000,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 5), 1_000) + Math.random() * 50,
    },
  });
  let isUnavailable = false;
  client.on('error', (error) => {
    if (!isUnavailable) log.error('Redis unavailable; reconnecting', errorFields(error));
    isUnavailable = true;
  });
  client.on('ready', () => {
    log.info(isUnavailable ? 'Redis available again' : 'Redis connected');
    isUnavailable = false;
  });
  void client.connect().catch((error) => log.error('Redis client stopped', errorFields(error)));
  return client;
}
