import { createClient } from 'redis';
import { createLogger, type Logger } from '../../src/runtime/logger.ts';
import { RedisConnection } from '../../src/runtime/redis.ts';

const silent = createLogger('test', 'text', () => {});

/** A connection as the programs have one, when it is ready. */
export async function openRedis(url: string, log: Logger = silent): Promise<RedisConnection> {
  const redis = new RedisConnection(url, log);
  // The fuzzing uses it too, without Vitest.
  while (!redis.isReady) await new Promise((resolve) => setTimeout(resolve, 5));
  return redis;
}

/** A client that a test looks into Redis with; without the app's timeouts, so that a busy machine changes nothing. */
export async function openOperator(url: string) {
  // An error event without a listener would end the test; commands reject with the same error.
  return await createClient({ url })
    .on('error', () => {})
    .connect();
}

export type Operator = Awaited<ReturnType<typeof openOperator>>;
