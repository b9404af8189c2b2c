import { Router, urlencoded } from 'express';
import { cancelled } from '../authorize/authorizationAnswer.ts';
import type { Tenant } from '../state/tenant.ts';
import { codePages } from './codePages.ts';
import { detailsPages } from './detailsPage.ts';
import { firstPages } from './firstPage.ts';
import { resetPages } from './reset.ts';
import { secondFactorPages } from './secondFactor.ts';
import { signInPages } from './signIn.ts';
import { signUpPages } from './signUp.ts';
import { socialPages } from './social.ts';
import { endVisit, visitRoutes } from './visit.ts';

/** All pages on which customers sign in or up. @param base a path with `:uid` for the visit */
export function userFlowPages(tenant: Tenant, base: string): Router {
  const routes = visitRoutes(tenant, base);
  const parts = [firstPages, signInPages, codePages, signUpPages, detailsPages, resetPages, secondFactorPages];
  for (const addPages of [...parts, socialPages]) addPages(routes);
  routes.post('/cancel', (visit) => endVisit(visit, cancelled));
  return Router()
    .post([`${base}{/*page}`, '/social/*page'], urlencoded({ extended: false, limit: '16kb' }))
    .use(routes.router);
}
