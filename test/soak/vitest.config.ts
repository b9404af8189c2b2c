import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    include: ['test/soak/*.test.ts'],
    globalSetup: 'test/support/programsSetup.ts',
    testTimeout: 1_800_000,
    fileParallelism: false,
  },
});
