import type { IdTokenClaims } from '../entra/idToken.ts';
import { type AccessToken, type IssuedTokens, isFresh } from '../entra/issuedTokens.ts';
import { NotSignedIn } from './errors.ts';
import type { PublicAuthProvider } from './PublicAuthProvider.ts';
import type { TokenFile } from './TokenFile.ts';

/**
 * The customer's sign-in on this machine.
 * Every method throws {@link NotSignedIn} when the stored tokens cannot be used, and {@link NotDone} when the file cannot
 * be read or written.
 */
export class StoredSignIn {
  readonly #file;
  readonly #provider;

  constructor(
    file: Pick<TokenFile, 'read' | 'write' | 'remove' | 'locked'>,
    provider: Pick<PublicAuthProvider, 'refresh'>,
  ) {
    this.#file = file;
    this.#provider = provider;
  }

  /**
   * An access token for the API, renewed when it is about to expire.
   * @param refused an access token that the API has refused; another one is returned
   * @throws {NotSignedIn} when nobody is signed in, or the tenant wants the customer to sign in again
   * @throws {Unavailable} when the tenant cannot renew it now
   */
  async accessToken(refused?: string): Promise<string> {
    const { accessToken } = await this.#tokens();
    return isUsable(accessToken, refused) ? accessToken.token : await this.#renew(refused);
  }

  /** The claims of the latest ID token: from the sign-in, or from the last renewal. */
  async claims(): Promise<IdTokenClaims> {
    return (await this.#tokens()).claims;
  }

  /** Checks that a sign-in can be stored, before the customer signs in. @throws {NotDone} when it cannot */
  async checkWritable(): Promise<void> {
    await this.#file.locked(async () => {});
  }

  /** Stores a sign-in in place of any earlier one. */
  async store(tokens: IssuedTokens): Promise<void> {
    await this.#file.locked(() => this.#file.write(tokens));
  }

  /** Removes the tokens, usable or not. @returns whether there were any */
  async remove(): Promise<boolean> {
    return await this.#file.locked(() => this.#file.remove());
  }

  async #tokens(): Promise<IssuedTokens> {
    const tokens = await this.#file.read();
    if (!tokens) throw new NotSignedIn('You are not signed in. Sign in first: todo sign-in');
    return tokens;
  }

  async #renew(refused: string | undefined): Promise<string> {
    return await this.#file.locked(async () => {
      // While this process waited for the lock, another may have renewed the token or signed out.
      const stored = await this.#tokens();
      if (isUsable(stored.accessToken, refused)) return stored.accessToken.token;
      const renewed = await this.#provider.refresh(stored);
      await this.#file.write(renewed);
      return renewed.accessToken.token;
    });
  }
}

function isUsable(accessToken: AccessToken, refused: string | undefined): boolean {
  return accessToken.token !== refused && isFresh(accessToken);
}
