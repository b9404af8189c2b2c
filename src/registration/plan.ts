import { applicationStep, identifierUriStep, preAuthorizationStep, servicePrincipalStep } from './applicationSteps.ts';
import { purgeStep, removeStep, removeUserFlowStep } from './cleanupSteps.ts';
import { assertExternal } from './conflict.ts';
import { consentStep } from './consentStep.ts';
import { credentialStep } from './credentialStep.ts';
import type { Manifest } from './manifest.ts';
import type { TenantState } from './read.ts';
import type { PlannedStep, PlanOptions, Step } from './step.ts';
import { userFlowAppsStep, userFlowStep } from './userFlowSteps.ts';

/** In the order that Entra requires: nothing is referred to before it exists. */
const configureSteps: readonly Step[] = [
  applicationStep('api'),
  identifierUriStep,
  servicePrincipalStep('api'),
  applicationStep('web'),
  servicePrincipalStep('web'),
  applicationStep('headless'),
  servicePrincipalStep('headless'),
  preAuthorizationStep,
  consentStep('web'),
  consentStep('headless'),
  userFlowStep,
  userFlowAppsStep,
  credentialStep,
];

const removeSteps: readonly Step[] = [removeUserFlowStep, removeStep('web'), removeStep('headless'), removeStep('api')];
const purgeSteps: readonly Step[] = [purgeStep('web'), purgeStep('headless'), purgeStep('api')];

/**
 * The steps of configure in order, each with what it would do.
 * @throws {RegistrationConflict} if a step would damage what somebody else made
 */
export function plan(manifest: Manifest, state: TenantState, options: PlanOptions): PlannedStep[] {
  assertExternal(state.tenant);
  return configureSteps.map((step) => ({ ...step, ...step.judge(manifest, state, options) }));
}

/** @throws {RegistrationConflict} if an application with our name does not have our tag */
export function planCleanup(manifest: Manifest, state: TenantState, { isPurge }: { readonly isPurge: boolean }) {
  const steps = isPurge ? [...removeSteps, ...purgeSteps] : removeSteps;
  return steps.map((step): PlannedStep => ({ ...step, ...step.judge(manifest, state, { credential: 'keep' }) }));
}

/** The steps of a plan that change something. */
export function pending(steps: readonly PlannedStep[]): PlannedStep[] {
  return steps.filter(({ kind }) => kind !== 'leave');
}
