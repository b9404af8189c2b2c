import { afterAll, vi } from 'vitest';

// Test files that run in one process after another share its clock, environment and spied-on objects.
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
