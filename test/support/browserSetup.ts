import type { TestProject } from 'vitest/node';
import { launchChromium } from './chromium.ts';
import compileForTests from './programsSetup.ts';

/** Compiles the programs and starts one Chromium for all test files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await compileForTests(project);
  const chromium = await launchChromium();
  project.provide('chromiumEndpoint', chromium.wsEndpoint());
  return () => chromium.close();
}
