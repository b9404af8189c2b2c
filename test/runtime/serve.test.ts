import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import express, { type Response } from 'express';
import { describe, expect, test } from 'vitest';
import { type ServeOptions, serve } from '../../src/runtime/serve.ts';

/** A server whose GET /slow answers when the test says so. */
async function serveSlowly(options: Partial<ServeOptions> = {}) {
  const app = express();
  let arrived: (response: Response) => void = () => {};
  const slow = new Promise<Response>((resolve) => {
    arrived = resolve;
  });
  app.get('/slow', (_req, res) => arrived(res));
  app.get('/fast', (_req, res) => void res.send('fast'));
  const running = await serve(app, { port: 0, host: '127.0.0.1', ...options });
  return { running, slow, url: `http://127.0.0.1:${running.port}` };
}

/** Sends a GET that would keep its connection, and gives status, text and what becomes of it; or the error's code. */
function fetchKept(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const sent = get(url, { agent }, async (response) => {
      const text = await new globalThis.Response(response).text();
      resolve(`${response.statusCode} ${text} ${response.headers.connection}`);
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

describe('a server that is stopped', () => {
  test('lets the request in flight finish, and then closes its connection', async () => {
    const events: string[] = [];
    const { running, slow, url } = await serveSlowly({
      onStopping: () => void events.push('stopping'),
      onStopped: () => void events.push('stopped'),
    });
    const agent = new Agent({ keepAlive: true });
    const answer = fetchKept(`${url}/slow`, agent);
    const response = await slow;
    const stopped = running.stop();
    expect(events).toEqual(['stopping']);
    response.send('done');
    expect(await answer).toBe('200 done close');
    await stopped;
    expect(events).toEqual(['stopping', 'stopped']);
    agent.destroy();
  });

  test('closes idle connections and accepts no new ones', async () => {
    const { running, url } = await serveSlowly();
    const agent = new Agent({ keepAlive: true });
    expect(await fetchKept(`${url}/fast`, agent)).toBe('200 fast keep-alive');
    await running.stop();
    expect(await fetchKept(`${url}/fast`, new Agent())).toBe('ECONNREFUSED');
    agent.destroy();
  });

  test('can be stopped twice, and releases its resources once', async () => {
    const released: string[] = [];
    const { running } = await serveSlowly({ onStopped: () => void released.push('released') });
    await Promise.all([running.stop(), running.stop()]);
    await running.stop();
    expect(released).toHaveLength(1);
  });
});

describe('a port', () => {
  test('that is taken is named with what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(serveSlowly({ port })).rejects.toThrow(
      `Port ${port} is taken by another program. Stop it, or set another PORT.`,
    );
    other.close();
  });
});

describe('a process that gets a stop signal', () => {
  // The signals are the process' own, so they need one of their own. SIGUSR2 lets the slow request go on.
  const script = `
    import express from 'express';
    import { createLogger } from './src/runtime/logger.ts';
    import { serve, stopOnSignal } from './src/runtime/serve.ts';
    const app = express();
    app.get('/slow', (_req, res) => {
      process.once('SIGUSR2', () => res.send('done'));
      console.log('arrived');
    });
    const log = createLogger('test', 'text');
    const running = await serve(app, { port: 0, host: '127.0.0.1' });
    console.log('port=' + running.port + ';');
    process.exit(await stopOnSignal(running, log));
  `;

  async function startWithSlowRequest() {
    const root = resolve(import.meta.dirname, '../..');
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const port = await printed(child.stdout, /port=(\d+);/);
    const answer = fetchKept(`http://127.0.0.1:${port}/slow`, new Agent({ keepAlive: true }));
    await printed(child.stdout, /arrived/);
    child.kill('SIGTERM');
    await printed(child.stdout, /SIGTERM: finishing open requests/);
    return { child, answer, exited };
  }

  test('finishes the open request and exits with 0', async () => {
    const { child, answer, exited } = await startWithSlowRequest();
    child.kill('SIGUSR2');
    expect(await answer).toBe('200 done close');
    expect(await exited).toEqual([0, null]);
  });

  test('a second time gives up the open request and exits with 1', async () => {
    const { child, answer, exited } = await startWithSlowRequest();
    child.kill('SIGINT');
    expect(await exited).toEqual([1, null]);
    expect(await answer).toBe('ECONNRESET');
  });
});

function printed(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const onData = (part: Buffer) => {
      text += part;
      const found = pattern.exec(text);
      if (!found) return;
      stream.off('data', onData);
      resolve(found[1] ?? found[0]);
    };
    stream.on('data', onData);
  });
}
