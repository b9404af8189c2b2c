import { createHash } from 'node:crypto';
import type { CookieOptions, Request, Response } from 'express';
import type { AuthorizationAnswer } from '../auth/authorizationAnswer.ts';
import { SignInFailed } from '../auth/errors.ts';
import {
  maxPendingSignIns,
  type NewPendingSignIn,
  type PendingSignIn,
  type PendingSignInSealer,
  pendingSignInId,
  pendingSignInSeconds,
} from '../auth/PendingSignInSealer.ts';
import type { KeyValueStore } from './KeyValueStore.ts';

/** A browser has six at most. A client that sends hundreds must not cost the work of opening them. */
const mostConsidered = 20;

/** The pending sign-ins of a browser: one sealed cookie each. */
export class PendingSignInCookies {
  readonly #sealer: PendingSignInSealer;
  readonly #records: Pick<KeyValueStore, 'create'>;
  readonly #prefix: string;
  readonly #options: CookieOptions;

  constructor(sealer: PendingSignInSealer, records: Pick<KeyValueStore, 'create'>, { isHttps }: { isHttps: boolean }) {
    this.#sealer = sealer;
    this.#records = records;
    this.#prefix = isHttps ? '__Host-signin.' : 'signin.';
    this.#options = { httpOnly: true, sameSite: 'lax', secure: isHttps, path: '/' };
  }

  /** Stores an attempt in the browser, in place of the oldest if there are five already. */
  async add(request: Request, response: Response, attempt: NewPendingSignIn): Promise<void> {
    await this.#makeRoom(request, response);
    const sealed = await this.#sealer.seal(attempt);
    const maxAge = pendingSignInSeconds * 1000;
    response.cookie(this.#prefix + pendingSignInId(attempt.state), sealed, { ...this.#options, maxAge });
  }

  /**
   * Takes the pending sign-in that the tenant's answer belongs to out of the browser. Each can be taken once.
   * @throws {SignInFailed} when this browser has none for this state, or it was taken before
   */
  async take(
    request: Request,
    response: Response,
    { state, error }: Pick<AuthorizationAnswer, 'state' | 'error'>,
  ): Promise<PendingSignIn> {
    const name = this.#prefix + pendingSignInId(state);
    const sealed = cookiesOf(request).get(name);
    const pending = await this.#sealer.open(sealed, state).catch((failure: unknown) => {
      // No later answer can use it either.
      if (sealed !== undefined) response.clearCookie(name, this.#options);
      throw failure;
    });
    // An error gives access to nothing, so nothing needs to be stored for it.
    const isFirst = error !== undefined || (await this.#claim(state));
    response.clearCookie(name, this.#options);
    if (!isFirst) throw new SignInFailed('used attempt');
    return pending;
  }

  /** Remembers an attempt for as long as its cookie is valid. @returns false when it came back before, on any instance */
  async #claim(state: string): Promise<boolean> {
    const hash = createHash('sha256').update(state).digest('base64url');
    return await this.#records.create(`web:v1:used:${hash}`, Buffer.from('1'), pendingSignInSeconds);
  }

  async #makeRoom(request: Request, response: Response): Promise<void> {
    const attempts = [...cookiesOf(request)].filter(([name]) => this.#isAttempt(name)).slice(0, mostConsidered);
    if (attempts.length < maxPendingSignIns) return;
    const dated = attempts.map(async ([name, sealed]) => ({ name, at: await this.#sealer.startedAt(sealed) }));
    const oldestFirst = (await Promise.all(dated)).sort((one, other) => one.at - other.at);
    const surplus = oldestFirst.slice(0, attempts.length - maxPendingSignIns + 1);
    for (const { name } of surplus) response.clearCookie(name, this.#options);
  }

  #isAttempt(name: string): boolean {
    return name.startsWith(this.#prefix) && /^[\w-]{16}$/.test(name.slice(this.#prefix.length));
  }
}

/** Our cookies hold nothing that needs decoding. */
function cookiesOf(request: Request): Map<string, string> {
  const pairs = (request.headers.cookie ?? '').split(/; */);
  return new Map(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [name, value.join('=')] as const;
    }),
  );
}
