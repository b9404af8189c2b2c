import type { GraphClient } from './GraphClient.ts';
import type { AppName, Manifest } from './manifest.ts';
import type { TenantState } from './read.ts';

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

/** One step of configure or cleanup. */
export interface Step {
  readonly id: StepId;
  readonly needs: Need;
  /** Compares the tenant with the manifest, and changes nothing. */
  judge(manifest: Manifest, state: TenantState, options: PlanOptions): Judgement;
  /** Reads the tenant again and does what is still missing. Safe to repeat, however far an earlier run came. */
  run(context: StepContext): Promise<void>;
}

export interface Judgement {
  readonly kind: 'create' | 'change' | 'leave' | 'remove';
  /** One line for the administrator who confirms the plan. */
  readonly what: string;
}

export type PlannedStep = Step & Judgement;

export interface PlanOptions {
  /** How the web app authenticates; `keep` leaves its credentials alone. */
  readonly credential: 'secret' | 'certificate' | 'keep';
  /** The secret in `.env`, which is kept if the app has it. */
  readonly secret?: string | undefined;
  /** The certificate to register, in PEM. */
  readonly certificate?: string | undefined;
  /** Default: the system clock. */
  readonly now?: (() => Date) | undefined;
}

export interface StepContext {
  readonly graph: GraphClient;
  readonly manifest: Manifest;
  readonly options: PlanOptions;
  /** Called with a new secret before the step ends, because Graph shows a secret only once. */
  readonly saveSecret: (secret: string) => Promise<void>;
}

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
