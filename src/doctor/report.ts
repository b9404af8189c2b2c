import { visibleText } from '../runtime/visibleText.ts';
import type { Finding } from './finding.ts';

/** Whether nothing fails. Warnings and unchecked findings do not count. */
export function isSound(findings: readonly Finding[]): boolean {
  return findings.every(({ status }) => status !== 'fail');
}

/** One line per finding. Failures come last, where a terminal shows them. */
export function textReport(findings: readonly Finding[]): string {
  const order: readonly Finding['status'][] = ['ok', 'unchecked', 'warn', 'fail'];
  const groups = order.map((status) => findings.filter((finding) => finding.status === status));
  const lines = groups.flat().map(({ status, name, cause, fix }) => {
    const line = `${status.padEnd(9)}  ${name}: ${cause}${fix ? `. Fix: ${fix}` : ''}`;
    return visibleText(line).slice(0, 500);
  });
  const counts = order.map((status, index) => `${groups[index]?.length} ${status}`);
  return [...lines, counts.join(', ')].join('\n');
}

/** The findings as JSON, in the order of the checks. */
export function jsonReport(findings: readonly Finding[]): string {
  return JSON.stringify({ sound: isSound(findings), findings }, null, 2);
}
