import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Customer } from '../state/CustomerDirectory.ts';
import type { Tenant } from '../state/tenant.ts';
import { customerOfHint } from './accounts.ts';
import { sendPage } from './pages.ts';
import type { Texts } from './texts/english.ts';
import { completeVisit, type Factor, type Visit } from './visit.ts';

export const emailAddress = z.string().trim().max(254).pipe(z.email());

/** The value of a form field; empty when it is missing. */
export function field(request: Request, name: string): string {
  const body: unknown = request.body;
  const value: unknown =
    typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? Reflect.get(body, name) : '';
  return typeof value === 'string' ? value : '';
}

/** Signs in a customer who has proved who they are, unless the account is disabled. */
export async function admit(
  tenant: Tenant,
  visit: Visit,
  request: Request,
  response: Response,
  { customer, factor }: { readonly customer: Customer; readonly factor: Factor },
): Promise<void> {
  if (!customer.isEnabled) return sendAddressPage(response, visit, customer.email, 'disabled');
  await completeVisit(tenant, request, response, customer, factor);
}

/** @param problem default: none */
export async function sendAddressPage(
  response: Response,
  visit: Visit,
  email: string,
  problem?: keyof Texts['addressProblems'],
): Promise<void> {
  const { isSignUpAllowed = false, identityProviders: providers = [] } = visit.flow ?? {};
  const page = { ...visit, email, problem, isSignUpAllowed, providers };
  await sendPage(response, 'sign-in', page, problem ? 400 : 200);
}

/** The address to prefill: the one entered before, or the one that the app named. */
export function prefilledEmail({ customers }: Tenant, { progress, loginHint }: Visit): string {
  if (progress) return progress.email;
  return loginHint.startsWith('O.') ? (customerOfHint(customers, loginHint)?.email ?? '') : loginHint;
}
