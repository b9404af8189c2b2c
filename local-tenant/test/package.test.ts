import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const names = z.record(z.string(), z.string()).default({});
const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dev: z.boolean().default(false),
      link: z.boolean().default(false),
      resolved: z.string().optional(),
      dependencies: names,
      optionalDependencies: names,
      peerDependencies: names,
    }),
  ),
});
const lock = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');
const { packages } = lockFile.parse(JSON.parse(lock));

/** Where Node finds a package that another one imports; undefined: an optional one that is not installed. */
function find(name: string, importer: string): string | undefined {
  const path = join(importer, 'node_modules', name);
  if (packages[path]) return packages[path].link ? packages[path].resolved : path;
  return importer === '' ? undefined : find(name, importer === '.' ? '' : dirname(importer).replace(/^\.$/, ''));
}

/** The packages that some packages need, and what those need. */
function needs(first: readonly (string | undefined)[]): Set<string> {
  const found = new Set<string>();
  const visit = (path: string | undefined): void => {
    const entry = path === undefined || found.has(path) ? undefined : packages[path];
    if (path === undefined || !entry) return;
    found.add(path);
    const { dependencies, optionalDependencies, peerDependencies } = entry;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      visit(find(name, path));
    }
  };
  first.forEach(visit);
  return found;
}

test('a production install leaves nothing of the local tenant', () => {
  const production = needs(Object.keys(packages['']?.dependencies ?? {}).map((name) => find(name, '')));
  const onlyItsOwn = [...needs(['local-tenant'])].filter((path) => !production.has(path));
  expect(onlyItsOwn).toContain('local-tenant');
  expect(onlyItsOwn).toContain('node_modules/oidc-provider');
  expect(onlyItsOwn.filter((path) => !packages[path]?.dev)).toEqual([]);
  expect(production).toContain('node_modules/express');
  expect([...production].filter((path) => /oidc-provider|local-tenant/.test(path))).toEqual([]);
});
