import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../../src/runtime/logger.ts';
import { RedisConnection } from '../../src/runtime/redis.ts';
import { freePort } from '../support/freePort.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(port?: number): Promise<RedisServer> {
  const server = await startRedis(port);
  closing.push(() => server.stop());
  return server;
}

function connect(url: string) {
  const lines: string[] = [];
  const client = new RedisConnection(
    url,
    createLogger('test', 'text', (line) => lines.push(line)),
  );
  closing.push(() => client.destroy());
  return { client, lines };
}

/** Asks until Redis answers; the test's own limit bounds it. */
async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const answered = await ask().then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a Redis client', () => {
  test('connects in the background and answers', async () => {
    const { client, lines } = connect((await start()).url);
    await vi.waitUntil(() => client.isReady, 5_000);
    await client.send('a', ['SET', 'a', '1']);
    expect(await client.send('a', ['GET', 'a'])).toBe('1');
    expect(lines.join()).toMatch(/Redis connected$/);
  });

  test('fails a command at once while Redis is unavailable, and connects when it starts', async () => {
    const port = await freePort();
    const { client, lines } = connect(`redis://127.0.0.1:${port}`);
    await expect(client.send('a', ['GET', 'a'])).rejects.toThrow();
    await start(port);
    await untilAnswered(() => client.send('a', ['GET', 'a']));
    expect(lines.filter((line) => line.includes('Redis unavailable'))).toHaveLength(1);
    expect(lines.at(-1)).toMatch(/Redis available again$/);
  });

  test('gives up a command while Redis is frozen, and works again afterwards', async () => {
    const server = await start();
    const { client, lines } = connect(server.url);
    await vi.waitUntil(() => client.isReady, 5_000);
    server.pause();
    // Promised are 1.5 s; the bound is wider for a busy machine. Without a limit this would wait without end.
    const frozenAt = performance.now();
    await expect(client.send('a', ['GET', 'a'])).rejects.toThrow();
    expect(performance.now() - frozenAt).toBeLessThan(5_000);
    server.resume();
    await untilAnswered(() => client.send('a', ['GET', 'a']));
    expect(lines.join('\n')).toMatch(/Redis unavailable; reconnecting error=".+"[\s\S]*Redis available again/);
  });

  test('works again after Redis was killed and restarted', async () => {
    const server = await start();
    const { client } = connect(server.url);
    await vi.waitUntil(() => client.isReady, 5_000);
    await server.stop();
    await vi.waitUntil(() => !client.isReady, 5_000);
    await expect(client.send('a', ['GET', 'a'])).rejects.toThrow();
    await start(server.port);
    await untilAnswered(() => client.send('a', ['SET', 'a', '1']));
    expect(await client.send('a', ['GET', 'a'])).toBe('1');
  });

  test('does not log the password in its URL', async () => {
    const { lines } = connect(`redis://:s3cret@127.0.0.1:${await freePort()}`);
    await vi.waitUntil(() => lines.length > 0, 5_000);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('s3cret');
  });
});
