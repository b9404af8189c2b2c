import { describe, expect, it } from 'vitest';
import { helpText, readCommandLine } from '../../src/registration/commandLine.ts';
import { UsageError } from '../../src/registration/errors.ts';

const optionsOf = (...args: string[]) => {
  const command = readCommandLine(['configure', ...args]);
  if (command.name !== 'configure') throw new Error('This is no configure');
  return command.options;
};

describe('configure', () => {
  it('with nothing said signs in with the browser, asks, and leaves the rest to .env and the manifest', () => {
    expect(optionsOf()).toEqual({
      ...{ tenant: undefined, environment: undefined, manifestPath: undefined, namePrefix: undefined },
      ...{ isLocal: false, way: 'browser', isConfirmed: false, isDryRun: false },
      ...{ baseUrl: undefined, signInMethod: undefined, credential: undefined },
    });
  });

  it('takes every option of its help', () => {
    const args = '--name shop --manifest m.json --environment AzureCloud --device-code --dry-run --yes --json'.split(
      ' ',
    );
    const own = '--base-url https://a.example --sign-in-method code --credential certificate'.split(' ');
    expect(optionsOf('--tenant', 'contoso.com', ...args, ...own)).toEqual({
      ...{ tenant: 'contoso.com', environment: 'AzureCloud', manifestPath: 'm.json', namePrefix: 'shop' },
      ...{ isLocal: false, way: 'deviceCode', isConfirmed: true, isDryRun: true },
      ...{ baseUrl: 'https://a.example', signInMethod: 'code', credential: 'certificate' },
    });
  });

  it.each([
    ['Contoso', 'contoso.onmicrosoft.com'],
    ['contoso.onmicrosoft.com', 'contoso.onmicrosoft.com'],
    ['00001111-AAAA-2222-bbbb-3333cccc4444', '00001111-aaaa-2222-bbbb-3333cccc4444'],
  ])('reads the tenant %s as %s', (given, tenant) => {
    expect(optionsOf('--tenant', given).tenant).toBe(tenant);
  });

  it.each(['', '..', 'a/b', 'contoso.com/x', 'a b', 'x@y', 'a;calc', '-a'])('refuses the tenant %j', (tenant) => {
    expect(() => optionsOf(`--tenant=${tenant}`)).toThrow(UsageError);
  });
});

it.each([
  ['rotate --finish', { name: 'rotate', isFinish: true }],
  ['rotate', { name: 'rotate', isFinish: false }],
  ['cleanup --purge', { name: 'cleanup', isPurge: true }],
  ['cleanup --azure-cli', { name: 'cleanup', isPurge: false, options: { way: 'azureCli' } }],
  ['configure --certificate', { name: 'configure', options: { credential: 'certificate' } }],
  ['configure --help', { name: 'help' }],
  ['cleanup -h', { name: 'help' }],
  ['--help', { name: 'help' }],
])('understands %s', (line, command) => {
  expect(readCommandLine(line.split(' '))).toMatchObject(command);
});

it.each([
  '',
  'deploy',
  'configure --purge',
  'configure now',
  'cleanup --certificate',
  'rotate --tenant',
  'configure --credential pfx',
  'configure --certificate --credential secret',
  'configure --local --tenant contoso',
  'configure --device-code --azure-cli',
])('refuses: %s', (line) => {
  expect(() => readCommandLine(line.split(' '))).toThrow(UsageError);
});

it('has a help of lines that fit a terminal', () => {
  expect(Math.max(...helpText.split('\n').map((line) => line.length))).toBeLessThanOrEqual(79);
});
