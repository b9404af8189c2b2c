import type { ApplyContext } from './apply.ts';
import type { Manifest } from './manifest.ts';
import type { PlanOptions, Step, StepId } from './plan.ts';
import type { TenantState } from './read.ts';

/** One step of configure: how it is judged without doing anything, and how it is done. */
export interface StepDefinition {
  readonly id: StepId;
  /** What the administrator needs for it. */
  readonly needs: Need;
  judge(manifest: Manifest, state: TenantState, options: PlanOptions): Judgement;
  /** Reads what it needs again and does what is still missing; may be repeated after any part of it. */
  run(context: ApplyContext): Promise<void>;
}

export type Judgement = Pick<Step, 'kind' | 'what'>;

export interface Need {
  /** A role of the tenant's administrators. */
  readonly role: string;
  /** A permission of Microsoft Graph. */
  readonly permission: string;
}

/** @see https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference */
export const needs = {
  applications: { role: 'Cloud Application Administrator', permission: 'Application.ReadWrite.All' },
  consent: {
    role: 'Cloud Application Administrator or Privileged Role Administrator',
    permission: 'DelegatedPermissionGrant.ReadWrite.All',
  },
  userFlows: { role: 'External ID User Flow Administrator', permission: 'EventListener.ReadWrite.All' },
} as const satisfies Record<string, Need>;
