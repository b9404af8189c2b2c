import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { importsOf } from './support/architecture.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const { dependencies, devDependencies } = JSON.parse(read('package.json'));

/** What the compiled programs are made of: all but the local tenant and the commands that start it. */
const shipped = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/^(?:tenant[\\/]|dev)/.test(name))
  .map((name) => read(join('src', name)));

const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** What is installed, direct or not: `Buffer.from('2a86')` looks like an import, too. */
const isPackage = (name: string) =>
  !name.startsWith('.') && existsSync(join(root, 'node_modules', name, 'package.json'));

test('production installs what its programs import, and nothing else', () => {
  const imported = new Set(shipped.flatMap((text) => importsOf(text).map(packageOf)).filter(isPackage));
  expect([...imported].sort()).toEqual(Object.keys(dependencies).sort());
});

test('a production install has fewer than 150 packages', () => {
  const packages: Record<string, { dev?: boolean }> = JSON.parse(read('package-lock.json')).packages;
  const installed = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
  expect(installed.length).toBeGreaterThan(Object.keys(dependencies).length);
  expect(installed.length).toBeLessThan(150);
});

test('every dependency has its line of reasons in docs/decisions.md', () => {
  const names = [...Object.keys(dependencies), ...Object.keys(devDependencies)].filter(
    (name) => !name.startsWith('@types/'),
  );
  const decisions = read('docs/decisions.md');
  expect(names.filter((name) => !decisions.includes(`| ${name} `))).toEqual([]);
});
