import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SignInFailed } from '../../../src/web/auth/errors.ts';
import { newPendingSignIn, PendingSignInSealer } from '../../../src/web/auth/PendingSignInSealer.ts';
import { changedObjects, changedTexts, headerTexts, jsonObjects } from '../../support/arbitraries.ts';

const sealer = new PendingSignInSealer(['a-new-secret-of-32-characters-xxx', 'an-old-secret-of-32-characters-xx']);
const attempt = newPendingSignIn({ returnTo: '/todos?x=1', isRetry: false });
const sealed = await sealer.seal(attempt);

/** What opening gives, or undefined where it is refused in the way that is declared. */
async function opened(cookie: string | undefined, state = attempt.state) {
  try {
    return await sealer.open(cookie, state);
  } catch (error) {
    expect(error).toBeInstanceOf(SignInFailed);
    return undefined;
  }
}

/** The bytes of each part: base64url has several spellings of some. */
function bytesOf(cookie: string): string[] {
  return cookie.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex'));
}

const base64url = fc.stringMatching(/^[\w.-]{0,8}$/);

describe('PendingSignInSealer', () => {
  it('refuses any bytes and any text', async () => {
    const cookies = fc.oneof(
      headerTexts(400),
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.array(fc.base64String({ maxLength: 60 }), { maxLength: 6 }).map((parts) => parts.join('.')),
      jsonObjects().map((header) => `${Buffer.from(JSON.stringify(header)).toString('base64url')}..a.b.c`),
    );
    const check = async (cookie: string) => {
      expect(await opened(cookie)).toBeUndefined();
      expect(await sealer.startedAt(cookie)).toBe(0);
    };
    await fc.assert(fc.asyncProperty(cookies, check), { numRuns: 300 });
  });

  it('refuses a valid cookie in which anything was changed', async () => {
    const cookies = fc.oneof(changedTexts(sealed, base64url), changedTexts(sealed));
    const check = async (cookie: string) => {
      const isOtherSpelling = `${bytesOf(cookie)}` === `${bytesOf(sealed)}`;
      if (!isOtherSpelling) expect(await opened(cookie)).toBeUndefined();
    };
    await fc.assert(fc.asyncProperty(cookies, check), { numRuns: 300 });
  });

  it('A-03 refuses a valid cookie for any other state', async () => {
    const states = fc.oneof(fc.string({ unit: 'binary' }), changedTexts(attempt.state));
    const check = async (state: string) => (await opened(sealed, state)) === undefined;
    await fc.assert(fc.asyncProperty(states, check), { numRuns: 500 });
    expect(await opened(sealed)).toMatchObject(attempt);
  });

  it('refuses content of another form, even if it was sealed with its own key', async () => {
    const contents = fc.oneof(changedObjects({ ...attempt }), jsonObjects());
    const check = async (content: object) => {
      const text = JSON.stringify(content);
      const found = await opened(await sealer.seal(JSON.parse(text)));
      if (!found) return;
      const { iat, ...rest } = found;
      const kinds = Object.entries(rest).map(([name, value]) => [name, typeof value]);
      expect(Object.fromEntries(kinds)).toEqual({
        state: 'string',
        nonce: 'string',
        codeVerifier: 'string',
        returnTo: 'string',
        isRetry: 'boolean',
      });
      expect(rest.state).toBe(attempt.state);
      expect(iat).toBeTypeOf('number');
    };
    await fc.assert(fc.asyncProperty(contents, check), { numRuns: 300 });
  });
});
