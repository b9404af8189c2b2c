import type { GraphClient } from './GraphClient.ts';
import type { Manifest } from './manifest.ts';
import type { TenantState } from './read.ts';

/** One step of configure or cleanup. */
export interface Step {
  readonly id: string;
  readonly needs: Need;
  /** Compares the tenant with the manifest, and changes nothing. */
  judge(manifest: Manifest, state: TenantState, options: PlanOptions): Judgement;
}

/** What a step would do to a tenant in that state. */
export interface Judgement {
  readonly kind: 'create' | 'change' | 'leave' | 'remove';
  /** One line for the administrator who confirms the plan. */
  readonly what: string;
  /** Does it; undefined if there is nothing to do. */
  readonly act?: (context: ActContext) => Promise<unknown>;
}

export type PlannedStep = Step & Judgement;

export interface ActContext {
  readonly graph: GraphClient;
  /** Called with a new secret before the step ends, because Graph shows a secret only once. */
  readonly saveSecret: (secret: string) => Promise<void>;
}

/** How the web app authenticates; `keep` leaves its credentials alone. */
export type PlanOptions = {
  /** Default: the system clock. */
  readonly now?: Date;
} & (
  | { readonly credential: 'keep' }
  /** The secret in `.env`, which is kept if the app has it. */
  | { readonly credential: 'secret'; readonly secret?: string | undefined }
  /** The certificate to register, in PEM. */
  | { readonly credential: 'certificate'; readonly certificate: string }
);

/** What the administrator needs for a step. */
export interface Need {
  /** A directory role. */
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
