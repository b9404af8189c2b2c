import type { Output } from '../entra/terminal/Output.ts';
import { apply } from './apply.ts';
import type { PlannedStep, StepContext } from './step.ts';

const marks = { create: '+ create', change: '~ change', leave: '  leave', remove: '- remove' } as const;

/** Shows the plan to the administrator who is to confirm it. */
export function showPlan(steps: readonly PlannedStep[], output: Output): void {
  const plan = steps.map(({ id, kind, what }) => ({ id, kind, what }));
  output.result(
    { plan },
    plan.map(({ kind, what }) => ({ label: marks[kind], text: what })),
  );
}

/** Applies the steps in order, and reports each. */
export async function runPlan(steps: readonly PlannedStep[], context: StepContext, output: Output): Promise<void> {
  for (const step of steps) {
    await apply(step, context);
    output.result({ done: step.id }, `done: ${step.what}`);
  }
}
