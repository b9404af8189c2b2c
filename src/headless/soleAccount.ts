import type { AccountInfo, PublicClientApplication } from '@azure/msal-node';
import { NotSignedIn } from './errors.ts';

/** Puts a stored cache into a client. @throws {NotSignedIn} when it does not hold exactly one customer */
export async function soleAccount(client: PublicClientApplication, msalCache: string): Promise<AccountInfo> {
  const cannot = 'What is stored of the sign-in cannot be renewed. Sign in again.';
  try {
    client.getTokenCache().deserialize(msalCache);
  } catch (cause) {
    throw new NotSignedIn(cannot, { cause });
  }
  const [account, ...others] = await client.getTokenCache().getAllAccounts();
  if (!account || others.length > 0) throw new NotSignedIn(cannot);
  return account;
}
