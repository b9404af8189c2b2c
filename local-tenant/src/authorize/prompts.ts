import type { KoaContextWithOIDC, interactionPolicy as Policy } from 'oidc-provider';
import { words } from '../entraDialect.ts';
import type { CustomerDirectory } from '../state/CustomerDirectory.ts';
import { customerOfHint, listAccounts } from '../userFlows/accounts.ts';
import { interactionPolicy } from './oidcProvider.ts';
import { grantedContexts } from './stepUp.ts';

const { base, Check, Prompt } = interactionPolicy;

/**
 * Decides when a request needs a page: oidc-provider's rules for sign-in, and Entra's prompts. Only administrators
 * consent, so no page asks for it.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
 */
export function prompts(customers: CustomerDirectory): Policy.Prompt[] {
  const policy = base();
  policy.remove('consent');
  policy.add(new Prompt({ name: 'create', requestable: true }));
  policy.add(
    new Prompt(
      { name: 'select_account', requestable: true },
      new Check('which_account', 'several accounts, or another one was meant', (ctx) => isUnclear(ctx, customers)),
    ),
  );
  policy.add(
    new Prompt(
      { name: 'step_up', requestable: false },
      new Check('missing_context', 'a second factor is required', ({ oidc }) => {
        const granted = grantedContexts(oidc.session ?? {});
        return words(oidc.params?.entra_acrs).some((name) => !granted.includes(name));
      }),
    ),
  );
  return policy;
}

/** Whether the request may be about another session than the current one. */
async function isUnclear(ctx: KoaContextWithOIDC, customers: CustomerDirectory): Promise<boolean> {
  const { oidc } = ctx;
  if (oidc.result?.select_account) return false;
  const hint = oidc.params?.login_hint;
  if (typeof hint === 'string') return customerOfHint(customers, hint)?.oid !== oidc.session?.accountId;
  return (await listAccounts({ provider: oidc.provider, customers }, oidc.cookies)).length > 1;
}
