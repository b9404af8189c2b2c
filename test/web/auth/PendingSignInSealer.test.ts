import { EncryptJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { SignInFailed } from '../../../src/web/auth/errors.ts';
import { newPendingSignIn, PendingSignInSealer, pendingSignInId } from '../../../src/web/auth/PendingSignInSealer.ts';

const [oldSecret, newSecret] = ['an-old-secret-of-32-characters-xx', 'a-new-secret-of-32-characters-xxx'];
const minuteMs = 60_000;
const startedAtMs = 1_800_000_000_000;

const attempt = newPendingSignIn({ returnTo: '/todos?x=1', isRetry: false });
const sealer = (secrets: readonly string[] = [newSecret], nowMs = startedAtMs) =>
  new PendingSignInSealer(secrets, () => nowMs);

async function failureOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SignInFailed)) throw new Error(`not a SignInFailed: ${error}`);
  return error.reason;
}

describe('newPendingSignIn', () => {
  it('makes three secrets of 256 bits that differ from each other and from every other attempt', () => {
    const attempts = Array.from({ length: 100 }, () => newPendingSignIn({ returnTo: '/', isRetry: false }));
    const secrets = attempts.flatMap(({ state, nonce, codeVerifier }) => [state, nonce, codeVerifier]);
    expect(new Set(secrets).size).toBe(300);
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
  });
});

describe('pendingSignInId', () => {
  it('names a cookie without telling the state', () => {
    expect(pendingSignInId(attempt.state)).toMatch(/^[\w-]{16}$/);
    expect(attempt.state).not.toContain(pendingSignInId(attempt.state));
    expect(pendingSignInId(attempt.state)).not.toBe(pendingSignInId(`${attempt.state}x`));
  });
});

describe('PendingSignInSealer', () => {
  it('opens what it sealed', async () => {
    const sealed = await sealer().seal(attempt);
    expect(await sealer().open(sealed, attempt.state)).toEqual({ ...attempt, iat: startedAtMs / 1000 });
  });

  it('keeps everything in the attempt secret, and the cookie small', async () => {
    const sealed = await sealer().seal({ ...attempt, returnTo: `/${'a'.repeat(1023)}` });
    const bytes = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    for (const secret of [attempt.state, attempt.nonce, attempt.codeVerifier, 'aaaa', 'returnTo', 'nonce']) {
      expect(sealed + bytes.join('')).not.toContain(secret);
    }
    expect(sealed.length).toBeLessThan(3_000);
    expect(sealed).toMatch(/^[\w.-]+$/);
  });

  it('seals the same attempt differently every time', async () => {
    expect(await sealer().seal(attempt)).not.toBe(await sealer().seal(attempt));
  });

  it('A-17 opens what the previous secret sealed, and seals with the newest', async () => {
    const sealed = await sealer([oldSecret]).seal(attempt);
    expect(await sealer([newSecret, oldSecret]).open(sealed, attempt.state)).toMatchObject(attempt);
    const resealed = await sealer([newSecret, oldSecret]).seal(attempt);
    expect(await sealer([newSecret]).open(resealed, attempt.state)).toMatchObject(attempt);
    expect(await failureOf(sealer([oldSecret]).open(resealed, attempt.state))).toBe('unknown attempt');
  });

  it.each(['', 'x', `${attempt.state}x`, attempt.state.slice(1), attempt.nonce])(
    'A-03 does not open for the state %j',
    async (state) => {
      const sealed = await sealer().seal(attempt);
      expect(await failureOf(sealer().open(sealed, state))).toBe('unknown attempt');
    },
  );

  it('does not open what another secret sealed', async () => {
    const sealed = await sealer([oldSecret]).seal(attempt);
    expect(await failureOf(sealer().open(sealed, attempt.state))).toBe('unknown attempt');
  });

  it('opens nothing in which a single character was changed', async () => {
    const sealed = await sealer().seal(attempt);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice(0, at) + flipped(sealed.charAt(at)) + sealed.slice(at + 1);
      expect(await failureOf(sealer().open(changed, attempt.state)), `position ${at}`).toBe('unknown attempt');
    }
  });

  it.each([
    undefined,
    '',
    'x',
    '....',
    'a.b.c.d.e',
    'eyJhbGciOiJub25lIn0.e30.',
    'x'.repeat(100_000),
    '\0',
    '%',
    's:signed.cookie',
  ])('calls %j unknown', async (sealed) => {
    expect(await failureOf(sealer().open(sealed, attempt.state))).toBe('unknown attempt');
    expect(await sealer().startedAt(sealed ?? '')).toBe(0);
  });

  it('does not take another kind of content, though sealed with its own key', async () => {
    const { returnTo, ...incomplete } = attempt;
    const foreign = await Reflect.apply(PendingSignInSealer.prototype.seal, sealer(), [incomplete]);
    expect(await failureOf(sealer().open(foreign, attempt.state))).toBe('unknown attempt');
  });

  it('refuses content that is sealed with the session secret itself', async () => {
    const key = new Uint8Array(Buffer.from(newSecret.slice(0, 32)));
    const foreign = await new EncryptJWT({ ...attempt })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setIssuedAt(startedAtMs / 1000)
      .encrypt(key);
    expect(await failureOf(sealer().open(foreign, attempt.state))).toBe('unknown attempt');
  });

  it('A-06 opens for 60 minutes, and then says that it took too long', async () => {
    const sealed = await sealer().seal(attempt);
    const openAt = (nowMs: number) => sealer([newSecret], nowMs).open(sealed, attempt.state);
    expect(await openAt(startedAtMs + 60 * minuteMs)).toMatchObject(attempt);
    expect(await failureOf(openAt(startedAtMs + 60 * minuteMs + 1))).toBe('expired attempt');
  });

  it('opens on an instance whose clock is a little behind', async () => {
    const sealed = await sealer().seal(attempt);
    expect(await sealer([newSecret], startedAtMs - minuteMs).open(sealed, attempt.state)).toMatchObject(attempt);
  });

  it('returns when an attempt began', async () => {
    expect(await sealer().startedAt(await sealer().seal(attempt))).toBe(startedAtMs / 1000);
  });
});

/** Another base64url character whose highest bit differs: the lower bits of a last character may mean nothing. */
function flipped(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet.charAt(((alphabet.indexOf(character) + 64) ^ 32) % 64);
}
