import type { TestProject } from 'vitest/node';
import { compilePrograms } from './compiled.ts';

/** Compiles the programs before the first test and before each run of the watch mode. */
export default async function setup(project: TestProject): Promise<void> {
  project.onTestsRerun(compilePrograms);
  await compilePrograms();
}
