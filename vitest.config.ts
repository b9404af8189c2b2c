import { defineConfig } from 'vitest/config';
import { sortTestFiles } from './test/support/testProjects.ts';

const files = sortTestFiles();

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // No test mocks a module, so files can share the modules that a worker has loaded.
    isolate: false,
    setupFiles: 'test/support/restoreGlobals.ts',
    maxWorkers: 2,
    // Slow tests would fill the screen; every file's time is shown.
    slowTestThreshold: 20_000,
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
