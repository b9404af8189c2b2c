import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tenantSettings } from 'entra-local-tenant';
import { describe, expect, test } from 'vitest';
import {
  escapesWhatItShows,
  importCircles,
  importsFollowTheTable,
  importsOf,
  leavesTheProcessAlone,
  type Rule,
  type SourceFile,
  settingsAreExplained,
  standsAlone,
  usesThePackage,
} from './support/architecture.ts';

const root = resolve(import.meta.dirname, '..');

function filesIn(folder: string, ending: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const programs = {
  web: 'webSettings',
  api: 'apiSettings',
  headless: 'headlessSettings',
  registration: 'registrationSettings',
};

/** The names of a program's settings, without those that are the platform's to set. */
async function settingsOf([program, schemaName]: [string, string]): Promise<string[]> {
  const schema: unknown = (await import(/* @vite-ignore */ join(root, 'src', program, 'config.ts')))[schemaName];
  if (typeof schema !== 'object' || schema === null || !('shape' in schema)) {
    throw new Error(`src/${program}/config.ts exports no zod object named ${schemaName}`);
  }
  return Object.keys(schema.shape ?? {}).filter((name) => !setByThePlatform.includes(name));
}

const tenantViews = filesIn('local-tenant/views', '.ejs');

function packagesOf(folder: string): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return Object.keys(dependencies);
}

const setByThePlatform = ['NODE_ENV', 'NODE_TLS_REJECT_UNAUTHORIZED', 'WEBSITE_HOSTNAME'];

describe('the tree', () => {
  const source = filesIn('src', '.ts');
  const tenant = filesIn('local-tenant/src', '.ts');
  const tests = filesIn('test', '.ts');
  const kept: [string, Rule, SourceFile[]][] = [
    ['imports only what the table of the house allows', importsFollowTheTable, source],
    ['reads the environment in entry files only', leavesTheProcessAlone, source],
    ['writes values escaped in every view', escapesWhatItShows, [...filesIn('views', '.ejs'), ...tenantViews]],
    ['keeps the local tenant apart', standsAlone(packagesOf('local-tenant')), tenant],
    ['reaches the local tenant by its package', usesThePackage, tests],
  ];

  test.each(kept)('%s', (_name, rule, files) => {
    expect(files.flatMap(rule)).toEqual([]);
  });

  test('has no circle of imports', () => {
    expect(importCircles([...source, ...tenant])).toEqual([]);
  });

  test('explains every setting of every program in .env.sample, and nothing else', async () => {
    const names = await Promise.all(Object.entries(programs).map(settingsOf));
    const sample = readFileSync(join(root, '.env.sample'), 'utf8');
    expect(settingsAreExplained(sample, new Set([...names.flat(), ...Object.keys(tenantSettings.shape)]))).toEqual([]);
  });
});

describe('the import table', () => {
  const refused: [string, string][] = [
    ['src/models/todo.ts', '../runtime/settings.ts'],
    ['src/runtime/settings.ts', '../entra/TenantKeys.ts'],
    ['src/entra/TenantKeys.ts', '../models/todo.ts'],
    ['src/web/app.ts', '../api/app.ts'],
    ['src/api/app.ts', '../../local-tenant/src/index.ts'],
    ['src/api/app.ts', 'entra-local-tenant'],
    ['src/headless/commands.ts', '../web/claims.ts'],
    ['src/devHeadless.ts', './headless/main.ts'],
    ['src/doctor/runChecks.ts', '../web/auth/AuthProvider.ts'],
    ['src/web/app.ts', './server.ts'],
    ['src/dev.ts', './web/server.ts'],
    ['src/doctor/runChecks.ts', '../registration/main.ts'],
    ['src/dev.ts', '../local-tenant/src/index.ts'],
    ['src/dev.ts', './web/config.ts'],
    ['src/web/routes.ts', './app.ts'],
    ['src/web/controllers/todoController.ts', '../middleware/csrf.ts'],
    ['src/web/controllers/todoController.ts', '../routes.ts'],
    ['src/web/middleware/errors.ts', '../auth/AuthProvider.ts'],
    ['src/web/middleware/errors.ts', '../controllers/homeController.ts'],
    ['src/web/auth/AuthProvider.ts', '../session/Sessions.ts'],
    ['src/web/auth/AuthProvider.ts', 'express'],
    ['src/web/auth/AuthProvider.ts', 'express-session'],
    ['src/web/session/Sessions.ts', '../controllers/homeController.ts'],
    ['src/web/app.ts', '../../test/support/freePort.ts'],
    ['src/newcomer/main.ts', '../runtime/settings.ts'],
  ];
  test.each(refused)('keeps %s from importing %s', (path, specifier) => {
    const text = `import { something } from '${specifier}';\n`;
    expect(importsFollowTheTable({ path, text })).toHaveLength(1);
  });

  const allowed: [string, string][] = [
    ['src/entra/TenantKeys.ts', '../runtime/httpClient.ts'],
    ['src/web/controllers/todoController.ts', '../../models/TodoClient.ts'],
    ['src/web/middleware/errors.ts', '../auth/errors.ts'],
    ['src/web/server.ts', './app.ts'],
    ['src/dev.ts', 'entra-local-tenant'],
    ['src/doctor/runChecks.ts', '../web/config.ts'],
    ['src/doctor/runChecks.ts', '../registration/GraphClient.ts'],
    ['src/web/app.ts', 'express'],
  ];
  test.each(allowed)('lets %s import %s', (path, specifier) => {
    const text = `import { something } from '${specifier}';\n`;
    expect(importsFollowTheTable({ path, text })).toEqual([]);
  });

  test.each([
    "import type { A } from './x.ts';",
    "import './x.ts';",
    'import {\n  a,\n  b,\n} from "./x.ts";',
    "export * from './x.ts';",
    "const a = await import('./x.ts');",
    "type A = import('./x.ts').A;",
    "const a = require('./x.ts');",
  ])('sees %j', (text) => {
    expect(importsOf(text)).toEqual(['./x.ts']);
  });

  test('refuses a path that is computed, because it cannot be judged', () => {
    for (const text of ['await import(file);', `await import(\`./\${name}.ts\`);`]) {
      expect(importsFollowTheTable({ path: 'src/web/app.ts', text })).not.toEqual([]);
    }
  });
});

describe('the other rules', () => {
  test('a circle is refused, also one that closes through a type', () => {
    const a = { path: 'src/web/a.ts', text: "import { b } from './b.ts';" };
    const b = { path: 'src/web/b.ts', text: "import type { C } from '../c.ts';" };
    const c = { path: 'src/c.ts', text: "export { a } from './web/a.ts';" };
    expect(importCircles([a, b, c])).toEqual(['src/web/a.ts > src/web/b.ts > src/c.ts > src/web/a.ts']);
    expect(importCircles([a, b])).toEqual([]);
  });

  test.each(['../../src/runtime/logger.ts', 'axios', '../test/flows.ts'])(
    'the local tenant must not import %s',
    (name) => {
      const file = { path: 'local-tenant/src/app.ts', text: `import { something } from '${name}';` };
      expect(standsAlone(['express'])(file)).toHaveLength(1);
    },
  );

  test('the local tenant may import its own files and packages', () => {
    const text = "import express from 'express';\nimport 'node:fs';\nimport './config.ts';";
    expect(standsAlone(['express'])({ path: 'local-tenant/src/app.ts', text })).toEqual([]);
  });

  test('a test must not reach into the local tenant', () => {
    const text = "import { seed } from '../../local-tenant/src/seed/seed.ts';";
    expect(usesThePackage({ path: 'test/web/app.test.ts', text })).toHaveLength(1);
  });

  test.each([
    'const port = process.env.PORT;',
    'const port = process?.env.PORT;',
    'process.exit(1);',
    "const port = process['env'].PORT;",
    'const { env } = process;',
    'read(process);',
    `const url = \`http://localhost:\${process.env.PORT}\`;`,
    'const port = globalThis.process.env.PORT;',
    "const port = globalThis['process'].env.PORT;",
    "import { env } from 'node:process';",
    "import process from 'process';",
    "const { exit } = await import('node:process');",
  ])('%j is refused outside the entry files', (text) => {
    expect(leavesTheProcessAlone({ path: 'src/web/config.ts', text })).toHaveLength(1);
    expect(leavesTheProcessAlone({ path: 'src/web/server.ts', text })).toEqual([]);
  });

  test.each([
    "process.on('SIGTERM', stop);",
    '// read from process.env by the caller',
    "throw new Error('the process.env of this program');",
    `log(\`the process ended after \${seconds} s\`);`,
    'job.process(1);',
  ])('%j is allowed everywhere', (text) => {
    expect(leavesTheProcessAlone({ path: 'src/web/config.ts', text })).toEqual([]);
  });

  test('a view that writes a value unescaped is refused, an include is not', () => {
    const view = (text: string) => ({ path: 'views/id.ejs', text });
    expect(escapesWhatItShows(view('<p><%- name %></p>'))).toHaveLength(1);
    expect(escapesWhatItShows(view("<%- include('partials/head', { title }) %><%= name %>"))).toEqual([]);
  });

  test('a setting without a line, a line without a setting, twice, or without a comment is refused', () => {
    const problems = (sample: string) => settingsAreExplained(sample, new Set(['PORT', 'BASE_URL']));
    const port = '# The port.\nPORT=3000\n';
    const baseUrl = '\n# The address.\n# BASE_URL=http://localhost:3000\n';
    expect(problems(port + baseUrl)).toEqual([]);
    expect(problems(port)).toEqual(['.env.sample does not explain BASE_URL']);
    expect(problems(`${port}${baseUrl}\n# Old.\nOLD=1\n`)).toEqual(['.env.sample explains OLD, which nothing reads']);
    expect(problems(`${port}${baseUrl}\n${port}`)).toEqual(['.env.sample names PORT twice']);
    expect(problems(`PORT=3000\n${baseUrl}`)).toEqual(['.env.sample has no comment above PORT']);
  });
});
