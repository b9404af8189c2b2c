import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/entra/terminal/CommandError.ts';
import { helpText, readArguments } from '../../src/registration/readArguments.ts';

const optionsOf = (...args: string[]) => {
  const command = readArguments(['configure', ...args]);
  if (command.name !== 'configure') throw new Error('This is not configure');
  return command.options;
};

describe('configure', () => {
  it('without arguments uses the browser, asks, and leaves the rest to .env and the manifest', () => {
    expect(optionsOf()).toEqual({
      tenant: undefined,
      manifestPath: undefined,
      namePrefix: undefined,
      isLocal: false,
      way: 'browser',
      isConfirmed: false,
      isDryRun: false,
      baseUrl: undefined,
      signInMethod: undefined,
      credential: undefined,
      isFinish: false,
      isPurge: false,
    });
  });

  it('takes every option of its help', () => {
    const shared = '--name shop --manifest m.json --environment azurecloud --device-code --dry-run --yes --json';
    const own = '--base-url https://a.example --sign-in-method code --credential certificate';
    expect(optionsOf('--tenant', 'contoso.com', ...shared.split(' '), ...own.split(' '))).toEqual({
      tenant: 'contoso.com',
      manifestPath: 'm.json',
      namePrefix: 'shop',
      isLocal: false,
      way: 'deviceCode',
      isConfirmed: true,
      isDryRun: true,
      baseUrl: 'https://a.example',
      signInMethod: 'code',
      credential: 'certificate',
      isFinish: false,
      isPurge: false,
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

  it.each(['AzureUSGovernment', 'AzureChinaCloud', 'AzureGermanyCloud', 'Nimbus'])('refuses the cloud %s', (name) => {
    expect(() => optionsOf('--environment', name)).toThrow(
      `External ID exists in the public cloud only, not in ${name}`,
    );
  });
});

it.each([
  ['rotate --finish', { name: 'rotate', options: { isFinish: true } }],
  ['rotate', { name: 'rotate', options: { isFinish: false } }],
  ['cleanup --purge', { name: 'cleanup', options: { isPurge: true } }],
  ['cleanup --azure-cli', { name: 'cleanup', options: { isPurge: false, way: 'azureCli' } }],
  ['configure --certificate', { name: 'configure', options: { credential: 'certificate' } }],
  ['configure --help', { name: 'help' }],
  ['cleanup -h', { name: 'help' }],
  ['--help', { name: 'help' }],
])('understands %s', (line, command) => {
  expect(readArguments(line.split(' '))).toMatchObject(command);
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
  expect(() => readArguments(line.split(' '))).toThrow(UsageError);
});

it('has a help text that fits a terminal', () => {
  expect(Math.max(...helpText.split('\n').map((line) => line.length))).toBeLessThanOrEqual(79);
});
