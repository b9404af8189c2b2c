import type { IdTokenClaims } from '../../entra/idToken.ts';
import { type AccessToken, type IssuedTokens, isFresh } from '../../entra/issuedTokens.ts';
import type { AuthProvider } from './AuthProvider.ts';
import { SignInRequired } from './errors.ts';

/** Where a session's tokens are kept. A record that was deleted meanwhile is not written again. */
export interface TokenRecords {
  readAccessToken(sessionId: string): Promise<AccessToken | undefined>;
  readForRefresh(sessionId: string): Promise<{ msalCache: string; claims: IdTokenClaims } | undefined>;
  replace(sessionId: string, tokens: IssuedTokens): Promise<void>;
}

/** Gives a session's access token: the stored one, or a new one from the tenant when it is about to expire. */
export class AccessTokenSource {
  readonly #records: TokenRecords;
  readonly #provider: Pick<AuthProvider, 'refresh'>;
  readonly #finding = new Map<string, Promise<string>>();
  readonly #renewing = new Map<string, Promise<string>>();

  constructor(records: TokenRecords, provider: Pick<AuthProvider, 'refresh'>) {
    this.#records = records;
    this.#provider = provider;
  }

  /**
   * Simultaneous requests of one session share one read and at most one call to the tenant.
   * @param refused a token that the API has just refused and that must not be returned again
   * @throws {SignInRequired} when nothing is stored or the tenant refuses to renew
   */
  get(sessionId: string, refused = ''): Promise<string> {
    return shared(this.#finding, `${sessionId} ${refused}`, () => this.#find(sessionId, refused));
  }

  async #find(sessionId: string, refused: string): Promise<string> {
    const stored = await this.#records.readAccessToken(sessionId);
    if (stored && isFresh(stored) && stored.token !== refused) return stored.token;
    return await shared(this.#renewing, sessionId, () => this.#renew(sessionId));
  }

  async #renew(sessionId: string): Promise<string> {
    const stored = await this.#records.readForRefresh(sessionId);
    if (!stored) throw new SignInRequired();
    const tokens = await this.#provider.refresh(stored.msalCache, stored.claims);
    await this.#records.replace(sessionId, tokens);
    return tokens.accessToken.token;
  }
}

/** Joins the work that is in flight for a key, or starts it. */
function shared(inFlight: Map<string, Promise<string>>, key: string, start: () => Promise<string>): Promise<string> {
  const running = inFlight.get(key);
  if (running) return running;
  const started = start().finally(() => inFlight.delete(key));
  inFlight.set(key, started);
  return started;
}
