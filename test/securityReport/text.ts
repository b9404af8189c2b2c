import type { Report } from './report.ts';

/** The report as plain-text tables, with the totals at the end. */
export function reportText({ profiles, rows, failures, totals }: Report): string {
  const modules = profiles.map(({ name, plan, notApplicable, modules }) =>
    [
      `${name}: ${plan}`,
      ...(notApplicable ? [notApplicable] : []),
      table([
        ['module', 'expected', 'seen'],
        ...modules.map(({ name, expected, seen, reason }) => [name, expected, reason ? `${seen}: ${reason}` : seen]),
      ]),
    ].join('\n'),
  );
  const attacks = [
    'Attacks',
    table([
      ['id', 'what', 'tests', 'seen'],
      ...rows.map(({ id, what, tests, seen }) => [id, what, String(tests), seen]),
    ]),
  ].join('\n');
  const failed = failures.length > 0 ? [['Failed tests', ...failures].join('\n')] : [];
  return [...modules, attacks, ...failed, totalsText(totals)].join('\n\n');
}

function totalsText({ modules, rows }: Report['totals']): string {
  const told = [
    `${modules.passed} passed`,
    `${modules['refused by design']} refused by design`,
    `${modules['not applicable']} not applicable`,
    `${modules.failed} failed`,
    `${modules.missing} missing`,
  ];
  return [
    `conformance modules: ${told.join(', ')}`,
    `attack rows: ${rows.passed} passed, ${rows.failed} failed, ${rows.missing} missing`,
  ].join('\n');
}

function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(' | ')
        .trimEnd(),
    )
    .join('\n');
}
