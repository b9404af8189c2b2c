import { UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/entra/terminal/Output.ts';
import type { Dependencies } from '../../src/registration/adminSession.ts';
import { cleanup } from '../../src/registration/cleanup.ts';
import { configure } from '../../src/registration/configure.ts';
import { EnvFile } from '../../src/registration/EnvFile.ts';
import { readArguments } from '../../src/registration/readArguments.ts';
import { rotate } from '../../src/registration/rotate.ts';

const production = 'aaaaaaaa-1111-4222-8333-444444444444';
const named = 'bbbbbbbb-1111-4222-8333-444444444444';
const commands = { configure, cleanup, rotate };
const { stdout, stderr } = process;

describe('with the token of another tenant', () => {
  it.each([
    ['configure', ['configure', '--yes', '--tenant', named], {}],
    ['cleanup', ['cleanup', '--purge', '--yes', '--tenant', named], {}],
    ['rotate', ['rotate', '--yes', '--tenant', named], {}],
    ['cleanup for the tenant in the settings', ['cleanup', '--purge', '--yes'], { TENANT_ID: named }],
  ])('%s asks Graph nothing', async (_what, args, settings) => {
    const asked: string[] = [];
    const token = new UnsecuredJWT({ tid: production }).encode();
    const dependencies: Dependencies = {
      environment: { ...settings, GRAPH_ACCESS_TOKEN: token },
      envFile: new EnvFile('/nonexistent/.env'),
      folder: '/nonexistent',
      http: {
        async request({ url }) {
          asked.push(url);
          return { status: 500, headers: {}, body: '', retryAfterSeconds: undefined };
        },
      },
      output: new Output({ stdout, stderr, format: 'text' }),
      ask: undefined,
      openBrowser: () => {},
      signal: new AbortController().signal,
    };
    const command = readArguments(args);
    if (command.name === 'help') throw new Error('not a command');
    const work = commands[command.name](command.options, dependencies);
    await expect(work).rejects.toThrow(new RegExp(`tenant ${production}, but the command is for tenant ${named}`));
    expect(asked).toEqual([]);
  });
});
