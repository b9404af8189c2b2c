import { attackRows } from '../attacks/rows.ts';
import type { Module, Standing } from '../conformance/modules/module.ts';
import { type Profile, profiles } from '../conformance/modules.ts';
import { moduleNameOf, rowIdsOf } from './titles.ts';

/** A test as reported by vitest's JSON reporter. */
export interface TestOutcome {
  readonly title: string;
  readonly status: string;
  readonly file: string;
  /** Why it failed. */
  readonly message: string;
}

export type Seen = 'passed' | 'failed' | 'missing' | Exclude<Standing, 'played'>;

interface ModuleResult {
  readonly name: string;
  /** What the suite does, and what the client must do then. */
  readonly expected: string;
  readonly seen: Seen;
  readonly reason?: string;
}

interface ProfileResult {
  readonly name: string;
  readonly plan: string;
  /** Why its modules do not apply to the app. */
  readonly notApplicable?: string;
  readonly modules: readonly ModuleResult[];
}

interface RowResult {
  readonly id: string;
  readonly what: string;
  readonly tests: number;
  readonly seen: Seen;
}

type Counts = Readonly<Record<Seen, number>>;

export interface Report {
  readonly profiles: readonly ProfileResult[];
  readonly rows: readonly RowResult[];
  /** The tests that did not pass, and why. */
  readonly failures: readonly string[];
  /** Each module counts once, even if several profiles contain it. */
  readonly totals: { readonly modules: Counts; readonly rows: Counts };
}

/** Joins the test outcomes with the modules and rows that they cover. */
export function makeReport(tests: readonly TestOutcome[]): Report {
  const seenOf = ({ name, standing }: Module) =>
    judge(
      standing,
      tests.filter(({ title }) => moduleNameOf(title) === name),
    );
  const rows = Object.entries(attackRows).map(([id, what]) => {
    const own = tests.filter(({ title }) => rowIdsOf(title).includes(id));
    return { id, what, tests: own.length, seen: judge('played', own) };
  });
  const all = new Set(profiles.flatMap((profile) => profile.modules));
  return {
    profiles: profiles.map((profile) => profileResult(profile, seenOf)),
    rows,
    failures: tests.filter(({ status }) => status !== 'passed').map(describeFailure),
    totals: { modules: count([...all].map(seenOf)), rows: count(rows.map(({ seen }) => seen)) },
  };
}

/** Whether a test failed or is missing. */
export function isBad({ totals: { modules, rows } }: Report): boolean {
  return modules.failed + modules.missing + rows.failed + rows.missing > 0;
}

/** A skipped test counts as failed. Modules that we refuse by design are played too, to show the refusal. */
function judge(standing: Standing, tests: readonly TestOutcome[]): Seen {
  if (tests.some(({ status }) => status !== 'passed')) return 'failed';
  if (standing === 'not applicable') return standing;
  if (tests.length === 0) return 'missing';
  return standing === 'played' ? 'passed' : standing;
}

function profileResult(
  { name, plan, modules, notApplicable }: Profile,
  seenOf: (module: Module) => Seen,
): ProfileResult {
  const results = modules.map((module) => ({
    name: module.name,
    expected: `${module.suite} → ${module.client}`,
    seen: notApplicable ? ('not applicable' as const) : seenOf(module),
    ...(module.reason && !notApplicable && { reason: module.reason }),
  }));
  return { name, plan, modules: results, ...(notApplicable && { notApplicable }) };
}

function describeFailure({ file, title, status, message }: TestOutcome): string {
  return `${file}: ${title}: ${status}${message && `: ${message}`}`;
}

function count(seen: readonly Seen[]): Counts {
  const of = (wanted: Seen) => seen.filter((one) => one === wanted).length;
  return {
    passed: of('passed'),
    failed: of('failed'),
    missing: of('missing'),
    'refused by design': of('refused by design'),
    'not applicable': of('not applicable'),
  };
}
