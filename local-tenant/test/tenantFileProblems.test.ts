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
  ['a trailing comma', '{\n  "displayName": "F",\n}', 'line 3: the JSON is not valid: property name expected'],
  ['a missing comma', '{\n  "displayName": "F"\n  "apps": []\n}', 'line 3: the JSON is not valid: comma expected'],
  ['no end', '{\n  "displayName": "F"', 'line 2: the JSON is not valid: close brace expected'],
  ['a name twice', '{\n  "apps": [],\n  "apps": []\n}', 'line 3: the JSON is not valid: "apps" appears twice'],
  ['a value without quotes', '{\n  "displayName": Contoso }', 'line 2: the JSON is not valid: invalid symbol'],
  ['a line break in text', '{\n  "displayName": "\n" }', 'line 2: the JSON is not valid: unexpected end of string'],
  ['a comment', '{\n  // F\n}', 'line 2: the JSON is not valid: invalid comment token'],
  ['text after the end', '{}\n}', 'line 2: the JSON is not valid: end of file expected'],
  ['a bottomless pit', '['.repeat(100_000), 'line 1: the JSON is not valid: nested too deeply'],
  ['nothing', '', 'line 1: the JSON is not valid: value expected'],
])('%s is reported with its line', async (_name, text, expected) => {
  expect(await problemsOf(text)).toEqual([`${path}, ${expected}`]);
});

test('every problem of the document is reported with its line', async () => {
  expect(await problemsOf('{\n  "saveSignUps": 1,\n  "apps": [\n    {}\n  ]\n}')).toEqual([
    `${path}, line 1: displayName is missing`,
    `${path}, line 2: saveSignUps must be true or false`,
    `${path}, line 4: apps.0.clientId is missing`,
    `${path}, line 4: apps.0.displayName is missing`,
  ]);
});

test('a missing file and an unreadable file are reported', async () => {
  expect(await problemsOf()).toEqual([expect.stringMatching(/^TENANT_FILE cannot be read: ENOENT.*tenant\.json/)]);
  path = folder;
  expect(await problemsOf()).toEqual([expect.stringMatching(/^TENANT_FILE cannot be read: EISDIR/)]);
});

test.each([
  ['is not JSON', '{'],
  ['breaks the rules', '{}'],
])('a file that %s must be corrected, not .env', async (_name, text) => {
  const { message } = await refusalOf(text);
  expect(message).toMatch(
    /\nCorrect that file, which TENANT_FILE names; docs\/local-tenant\.md says what it may hold\.$/,
  );
  expect(message).not.toContain('.env');
});

test('for a missing file, the setting must be corrected', async () => {
  expect((await refusalOf()).message).toMatch(/\nSet them in the environment/);
});
