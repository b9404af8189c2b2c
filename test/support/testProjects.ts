import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** What a test file needs: Chromium, programs in separate processes, or neither. */
export type TestProject = 'quick' | 'programs' | 'browser';

const root = join(import.meta.dirname, '../..');
const testFolders = ['test', 'local-tenant/test'];

/** Sorts the test files by what they import, directly or through other test code. Soak tests run on their own. */
export function sortTestFiles(): Record<TestProject, string[]> {
  const sorted: Record<TestProject, string[]> = { quick: [], programs: [], browser: [] };
  for (const folder of testFolders) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).toSorted()) {
      if (!file.endsWith('.test.ts') || file.startsWith('soak')) continue;
      const path = join(root, folder, file);
      sorted[projectOf(importsOfTestCode(path))].push(relative(root, path));
    }
  }
  return sorted;
}

function projectOf(imports: ReadonlySet<string>): TestProject {
  if (imports.has('playwright-core')) return 'browser';
  return imports.has('node:child_process') ? 'programs' : 'quick';
}

function importsOfTestCode(file: string, found = new Set<string>()): Set<string> {
  // An `import type` loads nothing.
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export|\})(?! type\b).*from '([^']+)';$/gm,
  )) {
    const target = specifier.startsWith('.') ? join(dirname(file), specifier) : specifier;
    if (found.has(target)) continue;
    found.add(target);
    const isTestCode = testFolders.some((folder) => target.startsWith(join(root, folder, '/')));
    if (isTestCode) importsOfTestCode(target, found);
  }
  return found;
}
