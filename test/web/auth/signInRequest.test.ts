import { describe, expect, it } from 'vitest';
import { parseSignInRequest } from '../../../src/web/auth/signInRequest.ts';

const nothing = {
  returnTo: '/',
  prompt: undefined,
  loginHint: undefined,
  domainHint: undefined,
  uiLocales: undefined,
};

describe('parseSignInRequest', () => {
  it('reads what a link may ask', () => {
    const query = {
      returnTo: '/todos?x=1',
      prompt: 'create',
      login_hint: 'alice@example.com',
      domain_hint: 'google.com',
      ui_locales: 'fr-FR fr en',
    };
    expect(parseSignInRequest(query)).toEqual({
      returnTo: '/todos?x=1',
      prompt: 'create',
      loginHint: 'alice@example.com',
      domainHint: 'google.com',
      uiLocales: 'fr-FR fr en',
    });
  });

  it('asks for nothing of its own', () => {
    expect(parseSignInRequest({})).toEqual(nothing);
  });

  it.each([
    { prompt: 'none' },
    { prompt: 'consent' },
    { prompt: ['login', 'create'] },
    { prompt: 'login create' },
    { login_hint: 'a b' },
    { login_hint: 'a\r\nb' },
    { login_hint: '\u202e' },
    { login_hint: '' },
    { login_hint: 'x'.repeat(321) },
    { login_hint: ['a', 'b'] },
    { domain_hint: 'a/b' },
    { domain_hint: 'a&prompt=none' },
    { domain_hint: { a: 'b' } },
    { ui_locales: 'en_US' },
    { ui_locales: '123' },
    { ui_locales: 'en&x=1' },
    { ui_locales: ['en', 'fr'] },
    { returnTo: '//evil.example' },
    { returnTo: ['/a', '/b'] },
    { returnTo: { path: '/a' } },
    { redirect_uri: 'https://evil.example', response_mode: 'form_post', scope: 'x', state: 's', nonce: 'n' },
  ])('leaves out %j', (query) => {
    expect(parseSignInRequest(query)).toEqual(nothing);
  });

  it('keeps usable parameters beside unusable ones', () => {
    const query = { returnTo: '/todos', prompt: 'none', login_hint: 'alice@example.com' };
    expect(parseSignInRequest(query)).toEqual({ ...nothing, returnTo: '/todos', loginHint: 'alice@example.com' });
  });
});
