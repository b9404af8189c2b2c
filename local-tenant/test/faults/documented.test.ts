import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readTenantConfig } from '../../src/config.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { createTenant } from '../../src/state/createTenant.ts';

const root = new URL('../../../', import.meta.url);
const { faults } = await createTenant(
  readTenantConfig({}),
  createLogger(() => {}),
);
const list = faults.list();

test('the faults in the documentation are those that exist, in the same words', () => {
  const page = readFileSync(new URL('docs/local-tenant-faults.md', root), 'utf8');
  const rows = [...page.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, name, description]) => ({
    name,
    description,
  }));
  const sorted = (entries: readonly { name: string | undefined; description: string | undefined }[]) =>
    entries.map(({ name, description }) => `${name}: ${description}`).sort();
  expect(sorted(rows)).toEqual(sorted(list));
});

test('there are at least forty, each told in one sentence', () => {
  expect(list.length).toBeGreaterThanOrEqual(40);
  expect(list.filter(({ description }) => !/^[^\n|]+\.$/.test(description))).toEqual([]);
});

test('every fault is named by a test that sees its effect', () => {
  const folder = new URL('local-tenant/test/faults/', root);
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  const texts = [...files.map((name) => new URL(name, folder)), new URL('local-tenant/test/tls.test.ts', root)].map(
    (file) => readFileSync(file, 'utf8'),
  );
  const isNamed = (name: string) => texts.some((text) => text.includes(`'${name}'`));
  expect(list.map(({ name }) => name).filter((name) => !isNamed(name))).toEqual([]);
});
