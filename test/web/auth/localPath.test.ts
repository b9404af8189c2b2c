import { describe, expect, it } from 'vitest';
import { localPath } from '../../../src/web/auth/localPath.ts';

const origin = 'https://app.example';

/** Where a browser goes that gets this as its Location: never off the site, never to a page that signs in or out. */
function expectLocal(path: string): void {
  expect(path).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
  const url = new URL(path, origin);
  expect(url.origin).toBe(origin);
  expect(url.pathname).not.toMatch(/^\/\/|^\/auth(\/|$)/i);
  expect(url.pathname + url.search + url.hash).toBe(path);
}

const kept = [
  '/',
  '/todos',
  '/todos?x=1',
  '/users/id',
  '/users/sessions',
  '/todos?next=%2Fa',
  '/todos?next=//evil.example',
  '/todos?q=a+b&r=%C3%A9',
  '/authors',
];

/** The cases. */
const listed: readonly unknown[] = [
  ...['//evil.com', '///evil', '/\\evil', '/\\/evil', '\\\\evil', '/./\\evil', '/..//evil'],
  ...['https://evil', 'https:evil', 'http://app@evil', 'https://app.evil', 'javascript:', 'data:'],
  ...['%2f%2fevil', '/%5cevil', '/%09/evil'],
  ...[['/a', '/b'], { path: '/todos' }, `/${'a'.repeat(10 * 1024)}`, undefined, null, 5, true, '%', ''],
  ...['/todos\r\nSet-Cookie: a=b', '/\r\n//evil', '/%0d%0aSet-Cookie:%20a=b', '/todos%0D%0ALocation:/x'],
];

const own = [
  // Tabs, line breaks and other controls, which a URL parser drops
  ...['/\t/evil', '/\n/evil', '/\r/evil', '\t//evil', '\n//evil', ' //evil', '/ /evil', '//\tevil', '/\t\\evil'],
  ...['/\0/evil', '/\x0b/evil', '/\x1f/evil', '/\x7f/evil', '/\u00a0/evil', '\u00a0//evil', '/%0a/evil', '/%0D/x'],
  ...['/%00', '/%00/evil', '/%1f', '/%7f', '/a%09b', '\ufeff//evil', '/\u200b/evil', '/\u2028/evil', '/\u202e/x'],
  // Slashes and backslashes, written plainly and encoded
  ...['////evil', '/////evil', '/a//evil', '/a//', '//', '/\\', '\\/evil', '\\evil', '/a\\..\\\\evil', '\\/\\/evil'],
  ...['/%2fevil', '/%2Fevil', '/%2f%2fevil', '/%5C%5Cevil', '/a/%2e%2e%2f%2fevil', '/.%5c/evil', '/%2f/evil', '/%5c/x'],
  ...['/.//evil', '/..//evil', '/a/..//evil', '/a/../..//evil', '/%2e//evil', '/%2e%2e//evil', '/.%2e//evil'],
  // Another host beside ours
  ...['//evil@app.example', '//app.example@evil', '//app.example:443@evil', '/@//evil', '//user:pass@evil/', '@evil'],
  ...['//app.example.evil', '//app.example:8443', '//[::1]', '//[::ffff:7f00:1]/', '//127.1', '//0x7f000001', '//1'],
  // Slashes and dots of other scripts, which normalisation may turn into ours
  ...['/\uff0fevil', '\uff0f\uff0fevil', '/\u2044evil', '/\u2215evil', '/\u29f8evil', '/\uff3cevil', '\u3002evil'],
  ...['//evil\u3002com', '/\uff0eevil', '/。。//evil', '/\ud800', '/é', '/\u{1f600}', '/①', '/%ef%bc%8f\\evil'],
  // Schemes
  ...['HTTPS://evil', 'https:/evil', 'https:///evil', 'https:\\\\evil', 'ftp://evil', 'file:///etc/passwd', 'blob:x'],
  ...['JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'vbscript:x', 'data:text/html,x', 'about:blank', 'mailto:a@b'],
  ...['view-source:x', 'ws://evil', '://evil', ':evil', 'evil', 'evil.com/', '?x=1', '#x', '.', '..', './/evil'],
  // Double encoding, and what does not belong in a path
  ...['/%252f%252fevil\\', '%252f%252fevil', '%2Ftodos', '/<script>', '/"onload="x', '/a b', '/{x}', '/a|b', '/`'],
  ...['/^', '/todos#fragment', '/#//evil', '/todos?a=<b>', '/todos?a="b"', '/todos?a=\\\\evil', '/?\t', '/?\n//evil'],
  // Too long
  ...[`/${'a'.repeat(1024)}`, `/?${'a'.repeat(1024)}`, `/${'../'.repeat(400)}/evil`, '/'.repeat(1025)],
  // Pages that sign in or out by themselves
  ...['/auth', '/auth/', '/auth/signin', '/auth/signin?prompt=login', '/AUTH/signout', '/./auth/signin', '/Auth?x'],
  ...['/todos/../auth/signin', '/%2e/auth/redirect', '/a/%2E%2E/auth/signout', '/users/../AUTH/x'],
];

describe('localPath', () => {
  it.each(kept)('keeps %s', (path) => {
    expect(localPath(path)).toBe(path);
    expectLocal(path);
  });

  it.each([...listed, ...own])('A-46 A-48 A-50 A-53 gives the home page for %j', (payload) => {
    expect(localPath(payload)).toBe('/');
  });

  it.each([
    ['/..', '/'],
    ['/todos?', '/todos'],
    ['/../todos', '/todos'],
    ['/todos/./x/../y', '/todos/y'],
    ['/%2e%2e/todos', '/todos'],
    ["/todos?a='b'", '/todos?a=%27b%27'],
  ])('gives %s as a browser reads it: %s', (payload, path) => {
    expect(localPath(payload)).toBe(path);
  });

  it.each([
    '/%252fevil',
    '/%252f%252fevil',
    '/%25%35%63evil',
    '/%',
    '/%zz',
    '/https://evil',
    '/evil.com',
    '/a:b@c',
    '/;x',
  ])('stays on the site with %s, whatever a second decoding would make of it', (payload) =>
    expectLocal(localPath(payload)),
  );

  it('accepts 512 characters', () => {
    const longest = `/${'a'.repeat(511)}`;
    expect(localPath(longest)).toBe(longest);
    expect(localPath(`${longest}a`)).toBe('/');
  });

  it('counts the characters as they travel, so that encoding does not make a cookie too large', () => {
    expect(localPath(`/todos?${"'".repeat(200)}`)).toBe('/');
    expect(localPath(`/todos?${"'".repeat(100)}`)).toBe(`/todos?${'%27'.repeat(100)}`);
  });
});
