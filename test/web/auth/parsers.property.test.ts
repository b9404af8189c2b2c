import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuthorizationAnswer } from '../../../src/web/auth/authorizationAnswer.ts';
import { SignInFailed } from '../../../src/web/auth/errors.ts';
import { localPath } from '../../../src/web/auth/localPath.ts';
import { parseSignInRequest } from '../../../src/web/auth/signInRequest.ts';
import { changedObjects, jsonObjects } from '../../support/arbitraries.ts';

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom('create', 'login', 'en-US', '/a'),
);
/** What Express makes of a query: texts, and lists of texts. */
const parameters = fc.oneof(texts, fc.array(texts, { maxLength: 3 }));

function answerOrFailure(query: unknown) {
  try {
    return parseAuthorizationAnswer(query);
  } catch (error) {
    expect(error).toBeInstanceOf(SignInFailed);
    return undefined;
  }
}

describe('parseAuthorizationAnswer', () => {
  const sound = { state: 's'.repeat(43), code: 'c'.repeat(900), session_state: 'x', iss: 'https://issuer.example' };
  const queries = fc.oneof(
    changedObjects(sound, parameters),
    changedObjects({ state: sound.state, error: 'access_denied', error_description: 'AADSTS50011' }, parameters),
    jsonObjects(),
    fc.anything(),
  );

  it('A-12 reads any query or refuses it, and hands on nothing but short plain texts', () => {
    const check = (query: unknown) => {
      const answer = answerOrFailure(query);
      if (!answer) return;
      expect(answer.state.length).toBeLessThanOrEqual(128);
      expect(answer.code ?? 'c').toMatch(/^[\x21-\x7e]{1,8192}$/);
      expect((answer.error ?? 'e').length).toBeLessThanOrEqual(64);
      expect(answer.aadsts ?? 'AADSTS00000').toMatch(/^AADSTS\d{4,8}$/);
      expect(answer.code ?? answer.error).toBeDefined();
    };
    fc.assert(fc.property(queries, check), { numRuns: 300 });
  });
});

describe('parseSignInRequest', () => {
  const sound = { returnTo: '/todos', prompt: 'login', login_hint: 'a@b.example', domain_hint: 'b', ui_locales: 'en' };

  it('A-103 forwards only parameters of the right form, whatever the query', () => {
    const check = (query: unknown) => {
      const read = parseSignInRequest(query);
      expect(localPath(read.returnTo)).toBe(read.returnTo);
      expect([undefined, 'create', 'login']).toContain(read.prompt);
      expect(read.loginHint ?? 'x').toMatch(/^[^\s\p{C}]{1,320}$/u);
      expect(read.domainHint ?? 'x').toMatch(/^[\w.-]{1,253}$/);
      expect(read.uiLocales ?? 'en').toMatch(/^[a-z0-9 -]{2,80}$/i);
      expect(Object.keys(read)).toEqual(['returnTo', 'prompt', 'loginHint', 'domainHint', 'uiLocales']);
    };
    const queries = fc.oneof(changedObjects(sound, parameters), jsonObjects(), changedObjects(sound));
    fc.assert(fc.property(queries, check), { numRuns: 300 });
  });
});
