import type { Request } from 'express';
import { z } from 'zod';
import type { Customer } from '../state/CustomerDirectory.ts';
import { customerOfHint } from './accounts.ts';
import type { Texts } from './texts/english.ts';
import { completeVisit, type Factor, showPage, type Visit } from './visit.ts';

export const emailAddress = z.string().trim().max(254).pipe(z.email());

export function field({ body }: Request, name: string): string {
  const value: unknown = body?.[name];
  return typeof value === 'string' ? value : '';
}

/** Signs in a customer who has proved who they are, unless the account is disabled. */
export async function admit(visit: Visit, customer: Customer, factor: Factor): Promise<void> {
  if (!customer.isEnabled) return sendAddressPage(visit, customer.email, 'disabled');
  await completeVisit(visit, customer, factor);
}

export async function sendAddressPage(
  visit: Visit,
  email = prefilledEmail(visit),
  problem?: keyof Texts['addressProblems'],
): Promise<void> {
  const { isSignUpAllowed = false, identityProviders: providers = [] } = visit.flow ?? {};
  await showPage(visit, 'sign-in', { email, problem, isSignUpAllowed, providers, fault: visit.fault });
}

/** The address to prefill: the one entered before, or the one that the app named. */
export function prefilledEmail({ tenant, progress, loginHint }: Visit): string {
  if (progress) return progress.email;
  return loginHint.startsWith('O.') ? (customerOfHint(tenant.customers, loginHint)?.email ?? '') : loginHint;
}
