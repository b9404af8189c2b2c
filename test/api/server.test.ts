import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type SigningTenant, startSigningTenant } from '../support/signingTenant.ts';
import { clientId, send } from './apiHarness.ts';

interface Program {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly exited: Promise<number | null>;
  output: string;
}

const children: Program['child'][] = [];
let tenant: SigningTenant | undefined;

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await tenant?.stop();
});

function startServer(environment: Record<string, string>): Program {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/api/server.ts'], {
    env: { PATH: process.env.PATH, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const exited = once(child, 'exit').then(([code]) => code);
  const program: Program = { child, exited, output: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      program.output += String(chunk);
    });
  }
  return program;
}

describe('the API as a program', () => {
  it('names every wrong setting and ends with 1, without a stack', async () => {
    const program = startServer({ PORT: 'x' });
    expect(await program.exited).toBe(1);
    expect(program.output).toContain('PORT must be a port number');
    expect(program.output).toContain('TENANT_SUBDOMAIN is missing');
    expect(program.output).toContain('TODO_API_CLIENT_ID is missing');
    expect(program.output).not.toMatch(/ {4}at /);
  });

  it('starts, becomes ready when the tenant answers, and exits with 0 after the stop signal', async () => {
    tenant = await startSigningTenant();
    const { tenantId: TENANT_ID, metadataUrl: METADATA_URL } = tenant;
    const program = startServer({ TENANT_SUBDOMAIN: 'contoso', TENANT_ID, METADATA_URL, TODO_API_CLIENT_ID: clientId });
    const port = await vi.waitUntil(() => /on port (\d+)/.exec(program.output)?.[1], 15_000);
    const ready = () => send(`http://127.0.0.1:${port}/readyz`, 'GET');
    await vi.waitUntil(async () => (await ready()).status === 200, 5_000);
    expect(program.output).toContain('REDIS_URL is not set');
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(0);
  });

  it('says what to do when its port is taken', async () => {
    tenant = await startSigningTenant();
    const PORT = new URL(tenant.origin).port;
    const program = startServer({ TENANT_SUBDOMAIN: 'contoso', TODO_API_CLIENT_ID: clientId, PORT });
    expect(await program.exited).toBe(1);
    expect(program.output).toContain(`Port ${PORT} is taken`);
    expect(program.output).not.toMatch(/ {4}at /);
  });
});
