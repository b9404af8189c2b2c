import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The local tenant's source instead of its compiled output, so that a test sees each change at once; then Vite's own.
  ssr: { resolve: { conditions: ['source', 'module', 'node', 'development|production'] } },
  test: {
    include: ['test/**/*.test.ts', 'local-tenant/test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
