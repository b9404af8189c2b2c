import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { sortTestFiles } from './test/support/testProjects.ts';

const files = sortTestFiles();

export default defineConfig({
  // The local tenant's source instead of its compiled output, so that a test sees each change at once; then Vite's own.
  ssr: { resolve: { conditions: ['source', 'module', 'node', 'development|production'] } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // No test mocks a module, so test files can share the modules that their worker has loaded.
    isolate: false,
    setupFiles: 'test/support/restoreGlobals.ts',
    // Tests of programs mostly wait, so two cores are enough for three workers.
    maxWorkers: Math.max(3, availableParallelism()),
    // A line per file shows the progress; a line per slow test would hide it.
    slowTestThreshold: 60_000,
    silent: 'passed-only',
    projects: [
      { extends: true, test: { name: 'quick', include: files.quick } },
      {
        extends: true,
        test: { name: 'programs', include: files.programs, globalSetup: 'test/support/programsSetup.ts' },
      },
      { extends: true, test: { name: 'browser', include: files.browser, globalSetup: 'test/support/browserSetup.ts' } },
    ],
  },
});
