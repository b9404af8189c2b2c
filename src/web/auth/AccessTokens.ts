import type { IdTokenClaims } from '../../entra/idToken.ts';
import type { AccessToken, AuthProvider, IssuedTokens } from './AuthProvider.ts';
import { SignInRequired } from './errors.ts';

/** Where a session's tokens are kept; a record that ended meanwhile is not written again. */
export interface TokenRecords {
  readAccessToken(sessionId: string): Promise<AccessToken | undefined>;
  readForRefresh(sessionId: string): Promise<{ msalCache: string; claims: IdTokenClaims } | undefined>;
  replace(sessionId: string, tokens: IssuedTokens): Promise<void>;
}

/** A token is renewed while it is still good for this long, so that it cannot run out on its way to the API. */
const renewBeforeMs = 5 * 60 * 1000;

/** The access token of a session: the stored one, or a new one from the tenant when it is about to expire. */
export class AccessTokens {
  readonly #records: TokenRecords;
  readonly #provider: Pick<AuthProvider, 'refresh'>;
  readonly #finding = new Map<string, Promise<string>>();
  readonly #renewing = new Map<string, Promise<string>>();

  constructor(records: TokenRecords, provider: Pick<AuthProvider, 'refresh'>) {
    this.#records = records;
    this.#provider = provider;
  }

  /**
   * Requests of one session at the same time share one look at the records and at most one call to the tenant.
   * @param refused a token that the API has just refused, so that it is not handed out again
   * @throws {SignInRequired} when nothing is stored or the tenant refuses to renew
   */
  get(sessionId: string, refused = ''): Promise<string> {
    return shared(this.#finding, `${sessionId} ${refused}`, () => this.#find(sessionId, refused));
  }

  async #find(sessionId: string, refused: string): Promise<string> {
    const stored = await this.#records.readAccessToken(sessionId);
    const isFresh = stored && stored.expiresAt - Date.now() > renewBeforeMs;
    return isFresh && stored.token !== refused ? stored.token : await this.#renewOnce(sessionId);
  }

  #renewOnce(sessionId: string): Promise<string> {
    return shared(this.#renewing, sessionId, () => this.#renew(sessionId));
  }

  async #renew(sessionId: string): Promise<string> {
    const stored = await this.#records.readForRefresh(sessionId);
    if (!stored) throw new SignInRequired();
    const tokens = await this.#provider.refresh(stored.msalCache, stored.claims);
    await this.#records.replace(sessionId, tokens);
    return tokens.accessToken.token;
  }
}

/** Joins the work that is under way for a key, or starts it. */
function shared(flights: Map<string, Promise<string>>, key: string, start: () => Promise<string>): Promise<string> {
  const running = flights.get(key);
  if (running) return running;
  const started = start().finally(() => flights.delete(key));
  flights.set(key, started);
  return started;
}
