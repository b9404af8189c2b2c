import type { TestProject } from 'vitest/node';
import { compilePrograms } from './compiled.ts';

/** Compiles the programs that tests start, before the first test and before each run of the watch mode. */
export default async function setup(project: TestProject): Promise<void> {
  console.log('compile for', project.name, process.pid);
  project.onTestsRerun(compilePrograms);
  await compilePrograms();
}
