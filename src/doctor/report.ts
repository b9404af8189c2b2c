import type { Finding } from './finding.ts';

/** Whether nothing fails; what warns or could not be checked does not count. */
export function isSound(findings: readonly Finding[]): boolean {
  return findings.every(({ status }) => status !== 'fail');
}

/** One line a finding, what fails last, where a terminal shows it. */
export function textReport(findings: readonly Finding[]): string {
  const order: readonly Finding['status'][] = ['ok', 'unchecked', 'warn', 'fail'];
  const sorted = order.flatMap((status) => findings.filter((finding) => finding.status === status));
  const lines = sorted.map(({ status, name, cause, fix }) =>
    plain(`${status.padEnd(9)}  ${name}: ${cause}${fix ? `. Fix: ${fix}` : ''}`),
  );
  const counts = order.map((status) => `${findings.filter((finding) => finding.status === status).length} ${status}`);
  return [...lines, counts.join(', ')].join('\n');
}

/** The same for programs: whether it is sound, and the findings in the order of the checks. */
export function jsonReport(findings: readonly Finding[]): string {
  return JSON.stringify({ sound: isSound(findings), findings }, null, 2);
}

/** A line of its own, whatever a tenant or a server put into its answer. */
function plain(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500);
}
