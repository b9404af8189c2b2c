import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTenantConfig } from '../src/config.ts';
import { createLogger } from '../src/runtime/logger.ts';
import { SettingsError } from '../src/runtime/settings.ts';
import { createTenant } from '../src/state/createTenant.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenant-'));
  path = join(folder, 'tenant.json');
});
afterEach(() => rm(folder, { recursive: true }));

const log = createLogger(() => {});

/** Why a start with the file fails. */
async function refusalOf(text?: string): Promise<SettingsError> {
  if (text !== undefined) await writeFile(path, text);
  const start = createTenant(readTenantConfig({ TENANT_FILE: path }), log);
  const error: unknown = await start.catch((reason: unknown) => reason);
  if (!(error instanceof SettingsError)) throw new Error('The file was not refused', { cause: error });
  return error;
}

const problemsOf = async (text?: string) => (await refusalOf(text)).problems;

test.each<[string, string, string]>([
  ['a comma too many', '{\n  "displayName": "F",\n}', 'line 3: the JSON needs a name in double quotes'],
  ['a comma too few', '{\n  "displayName": "F"\n  "apps": []\n}', 'line 3: the JSON needs a comma or }'],
  ['no end', '{\n  "displayName": "F"', 'line 2: the JSON needs a comma or }'],
  ['a name twice', '{\n  "apps": [],\n  "apps": []\n}', 'line 3: the JSON names "apps" twice'],
  ['a value without quotes', '{\n  "displayName": Contoso }', 'line 2: the JSON needs a value'],
  ['text after the end', '{}\n}', 'line 2: the JSON has more text after its end'],
  ['a bottomless pit', '['.repeat(100_000), 'line 1: the JSON is nested more than 100 deep'],
  ['nothing', '', 'line 1: the JSON needs a value'],
])('%s is told with its line', async (_name, text, expected) => {
  expect(await problemsOf(text)).toEqual([expect.stringContaining(`${path}, ${expected}`)]);
});

test('every problem of the document is told with its line', async () => {
  expect(await problemsOf('{\n  "saveSignUps": 1,\n  "apps": [\n    {}\n  ]\n}')).toEqual([
    `${path}, line 1: displayName is missing`,
    `${path}, line 2: saveSignUps must be true or false`,
    `${path}, line 4: apps.0.clientId is missing`,
    `${path}, line 4: apps.0.displayName is missing`,
  ]);
});

test('a missing file and one that cannot be read are told', async () => {
  expect(await problemsOf()).toEqual([expect.stringMatching(/^TENANT_FILE cannot be read: ENOENT.*tenant\.json/)]);
  path = folder;
  expect(await problemsOf()).toEqual([expect.stringMatching(/^TENANT_FILE cannot be read: EISDIR/)]);
});

test.each([
  ['is not JSON', '{'],
  ['breaks the rules', '{}'],
])('a file that %s is to be corrected, not .env', async (_name, text) => {
  const { message } = await refusalOf(text);
  expect(message).toMatch(
    /\nCorrect that file, which TENANT_FILE names; docs\/local-tenant\.md says what it may hold\.$/,
  );
  expect(message).not.toContain('.env');
});

test('a file that is not there is a matter of the setting', async () => {
  expect((await refusalOf()).message).toMatch(/\nSet them in the environment/);
});
