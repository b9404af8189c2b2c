import { applicationStep, identifierUriStep, preAuthorizationStep, servicePrincipalStep } from './applicationSteps.ts';
import { purgeStep, removeStep, removeUserFlowStep } from './cleanupSteps.ts';
import { assertExternal } from './conflict.ts';
import { consentStep } from './consentStep.ts';
import { credentialStep } from './credentialStep.ts';
import type { AppName, Manifest } from './manifest.ts';
import type { TenantState } from './read.ts';
import type { StepDefinition } from './stepDefinition.ts';
import { userFlowAppsStep, userFlowStep } from './userFlowSteps.ts';

export type StepId =
  | AppName
  | `${AppName}-service-principal`
  | 'api-identifier-uri'
  | 'pre-authorization'
  | 'web-consent'
  | 'headless-consent'
  | 'user-flow'
  | 'user-flow-apps'
  | 'credential'
  | 'remove-user-flow'
  | `remove-${AppName}`
  | `purge-${AppName}`;

/** What is done in one go. */
export interface Step {
  readonly id: StepId;
  readonly kind: 'create' | 'change' | 'leave' | 'remove';
  /** One line for the person who decides. */
  readonly what: string;
}

export interface PlanOptions {
  /** How the web app proves who it is; `keep` leaves that alone. */
  readonly credential: 'secret' | 'certificate' | 'keep';
  /** The secret that `.env` holds: kept if it is one of the app's. */
  readonly secret?: string | undefined;
  /** The certificate that is to be registered, as PEM. */
  readonly certificate?: string | undefined;
  /** Default: the machine's clock. */
  readonly now?: (() => Date) | undefined;
}

/** In the order that Entra takes: nothing is referred to before it is there. */
const configureSteps: readonly StepDefinition[] = [
  ...[applicationStep('api'), identifierUriStep, servicePrincipalStep('api')],
  ...[applicationStep('web'), servicePrincipalStep('web')],
  ...[applicationStep('headless'), servicePrincipalStep('headless')],
  ...[preAuthorizationStep, consentStep('web'), consentStep('headless')],
  ...[userFlowStep, userFlowAppsStep, credentialStep],
];

const removeSteps = [removeUserFlowStep, removeStep('web'), removeStep('headless'), removeStep('api')];
const purgeSteps = [purgeStep('web'), purgeStep('headless'), purgeStep('api')];

export const stepDefinitions: ReadonlyMap<StepId, StepDefinition> = new Map(
  [...configureSteps, ...removeSteps, ...purgeSteps].map((definition) => [definition.id, definition]),
);

/**
 * What is to be done, in order, and what stays.
 * @throws {RegistrationConflict} if it cannot be done without harm to what others made
 */
export function plan(manifest: Manifest, state: TenantState, options: PlanOptions): Step[] {
  assertExternal(state.tenant);
  return configureSteps.map(({ id, judge }) => ({ id, ...judge(manifest, state, options) }));
}

/** @throws {RegistrationConflict} if an application with our name does not carry our marker */
export function planCleanup(manifest: Manifest, state: TenantState, { purge }: { readonly purge: boolean }): Step[] {
  const steps = purge ? [...removeSteps, ...purgeSteps] : removeSteps;
  return steps.map(({ id, judge }) => ({ id, ...judge(manifest, state, { credential: 'keep' }) }));
}

/** Whether a plan has nothing to do. */
export function isDone(steps: readonly Step[]): boolean {
  return steps.every(({ kind }) => kind === 'leave');
}
