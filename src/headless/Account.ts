import type { IdTokenClaims } from '../entra/idToken.ts';
import { NotSignedIn } from './errors.ts';
import type { PublicAuthProvider, SignedIn } from './PublicAuthProvider.ts';
import type { TokenOwner } from './storedSignIn.ts';
import type { TokenFile } from './TokenFile.ts';

export interface AccountOptions {
  readonly file: Pick<TokenFile, 'read' | 'write' | 'remove' | 'locked'>;
  readonly provider: Pick<PublicAuthProvider, 'refresh'>;
  /** For whom a stored sign-in must be. */
  readonly owner: TokenOwner;
}

/** A token is renewed while it is still good for this long, so that it cannot run out on its way to the API. */
const renewBeforeMs = 5 * 60 * 1000;

/**
 * The customer who is signed in on this machine.
 * Every method throws {@link NotSignedIn} when what is stored cannot be used, and {@link NotDone} when the file cannot be
 * read or written.
 */
export class Account {
  readonly #options: AccountOptions;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  /**
   * An access token for the API, renewed when it is about to expire.
   * @param options.renewed asks for another one than is stored, because the API has refused that
   * @throws {NotSignedIn} when nobody is signed in, or the tenant wants the customer to sign in again
   * @throws {Unavailable} when the tenant cannot renew it now
   */
  async accessToken({ renewed = false }: { readonly renewed?: boolean } = {}): Promise<string> {
    const { accessToken } = await this.#stored();
    if (!renewed && isFresh(accessToken)) return accessToken.token;
    return await this.#renew(accessToken.token);
  }

  /** The claims of the ID token that the customer signed in with, or that the last renewal brought. */
  async claims(): Promise<IdTokenClaims> {
    return (await this.#stored()).claims;
  }

  /** Sees to it that a sign-in can be stored, before the customer takes the trouble. @throws {NotDone} when it cannot be */
  async checkStorage(): Promise<void> {
    await this.#options.file.locked(async () => {});
  }

  /** Stores a sign-in in place of whatever there was. */
  async keep(signedIn: SignedIn): Promise<void> {
    const { file, owner } = this.#options;
    await file.locked(() => file.write(owner, signedIn));
  }

  /** Removes what is stored, usable or not. @returns whether there was anything */
  async forget(): Promise<boolean> {
    const { file } = this.#options;
    return await file.locked(() => file.remove());
  }

  async #stored(): Promise<SignedIn> {
    const { file, owner } = this.#options;
    const signedIn = await file.read(owner);
    if (!signedIn) throw new NotSignedIn('Nobody is signed in. Run sign-in first.');
    return signedIn;
  }

  /** Another process may have renewed it, or signed out, while this one waited for the lock. */
  async #renew(unusable: string): Promise<string> {
    const { file, provider, owner } = this.#options;
    return await file.locked(async () => {
      const stored = await this.#stored();
      if (stored.accessToken.token !== unusable && isFresh(stored.accessToken)) return stored.accessToken.token;
      const next = await provider.refresh(stored);
      await file.write(owner, next);
      return next.accessToken.token;
    });
  }
}

function isFresh({ expiresAt }: SignedIn['accessToken']): boolean {
  return expiresAt - Date.now() >= renewBeforeMs;
}
