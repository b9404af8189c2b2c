import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { isBad, makeReport, type TestOutcome } from './report.ts';
import { reportText } from './text.ts';
import { folders, root, titlePattern } from './titles.ts';

const outcomes = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          title: z.string(),
          status: z.string(),
          fullName: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';

/** A failed `beforeAll` is reported for the file, not for its tests. */
function outcomesIn({ name, message = '', assertionResults }: z.output<typeof outcomes>['testResults'][number]) {
  return assertionResults
    .filter(({ fullName }) => new RegExp(titlePattern).test(fullName))
    .map(({ title, status, failureMessages }): TestOutcome => {
      const why = firstLine(failureMessages?.[0] ?? message);
      return { title, status, file: relative(root, name), message: status === 'passed' ? '' : why };
    });
}

/** Runs the tests whose titles name an attack row or a conformance module. @throws {Error} if they did not run to their end */
function runTests(): TestOutcome[] {
  const folder = mkdtempSync(join(tmpdir(), 'security-report-'));
  const file = join(folder, 'tests.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = ['run', ...folders, `--testNamePattern=${titlePattern}`, '--reporter=json', `--outputFile=${file}`];
  try {
    const { stdout, stderr } = spawnSync(process.execPath, [vitest, ...args], { cwd: root, encoding: 'utf8' });
    if (!existsSync(file)) throw new Error(`The tests wrote no report:\n${stdout}${stderr}`);
    const { testResults } = outcomes.parse(JSON.parse(readFileSync(file, 'utf8')));
    const unloaded = testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    );
    if (unloaded.length > 0) {
      throw new Error(unloaded.map(({ name, message }) => `${name} could not be loaded: ${message}`).join('\n'));
    }
    return testResults.flatMap(outcomesIn);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

process.stderr.write('Running the tests of conformance modules and attacks; this takes some minutes.\n');
const report = makeReport(runTests());
process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(report, null, 2) : reportText(report)}\n`);
process.exitCode = isBad(report) ? 1 : 0;
