import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localPath } from '../../../src/web/auth/localPath.ts';

/** What tricks are made of, so that they come together by chance. */
const pieces = [
  ...['/', '//', '\\', '.', '..', '%2f', '%2F', '%5c', '%2e', '%252f', '%09', '%0a', '%0d', '%00', '%', '\t', '\n'],
  ...['\r', ' ', '@', ':', '?', '#', '&', '=', ';', ',', '~', '-', '_', '!', '$', "'", '(', ')', '*', '+', '[', ']'],
  ...['http:', 'https://', 'javascript:', 'evil.com', 'app.example', 'auth', 'AUTH', 'todos', 'a', '1', '\uff0f', '。'],
  ...['\u2044', '\u200b', '\ud800', '\0', '\x7f', '"', '<', '>', '{', '|', '`', '^', 'é', 'signin', '%61'],
];

const tricks = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(''));
const texts = fc.oneof(
  { arbitrary: tricks.map((text) => `/${text}`), weight: 4 },
  tricks,
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => `/${text}`),
  fc.webPath(),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
);

const origins = ['https://app.example', 'http://localhost:3000'];

describe('localPath', () => {
  it('gives a page of this app for any text, and the same again for what it gave', () => {
    const check = (text: string) => {
      const path = localPath(text);
      expect(path).toMatch(/^\/(?![/\\])[\x21-\x7e]{0,511}$/);
      for (const origin of origins) {
        const url = new URL(path, `${origin}/auth/redirect?state=s`);
        expect(url.origin).toBe(origin);
        expect(url.pathname + url.search).toBe(path);
        expect(url.pathname).not.toMatch(/^\/auth(\/|$)/i);
      }
      expect(localPath(path)).toBe(path);
    };
    fc.assert(fc.property(texts, check), { numRuns: 1_000 });
  });

  it('keeps the pages of this app that only have plain characters', () => {
    const segment = fc.stringMatching(/^[a-z0-9_~][\w~.-]{0,20}$/).filter((text) => !/^auth$/i.test(text));
    const query = fc.stringMatching(/^[\w~.=&+-]{1,40}$/).map((text) => `?${text}`);
    const pages = fc
      .tuple(fc.array(segment, { minLength: 1, maxLength: 5 }), fc.option(query, { nil: '' }))
      .map(([segments, search]) => `/${segments.join('/')}${search}`);
    fc.assert(
      fc.property(pages, (page) => localPath(page) === page),
      { numRuns: 500 },
    );
  });

  it('leads home if the value is not text', () => {
    const values = fc.anything().filter((value) => typeof value !== 'string');
    fc.assert(
      fc.property(values, (value) => localPath(value) === '/'),
      { numRuns: 300 },
    );
  });
});
