import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SettingsError } from '../../src/runtime/env.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { createTenantApp } from '../../src/tenant/app.ts';
import { readTenantConfig } from '../../src/tenant/config.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenant-'));
  path = join(folder, 'tenant.json');
});
afterEach(() => rm(folder, { recursive: true }));

const log = createLogger('tenant', 'text', () => {});

/** What a start with the file says is wrong. */
async function problemsOf(text?: string): Promise<readonly string[]> {
  if (text !== undefined) await writeFile(path, text);
  const start = createTenantApp(readTenantConfig({ TENANT_FILE: path }), log);
  const error = await start.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SettingsError);
  return error instanceof SettingsError ? error.problems : [];
}

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
