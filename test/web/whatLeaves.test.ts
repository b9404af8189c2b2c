import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

test('pages and headers for a signed-in customer contain no token', async () => {
  const alice = await system.signedIn('alice@example.com');
  await alice.goto(`${system.webUrl}/todos`);
  await alice.submit('Add', { description: 'Any' });
  for (const path of ['/', '/users/id', '/todos', '/auth/signout']) {
    const { html, headers } = await alice.goto(system.webUrl + path);
    expect(html).toContain('Alice');
    // The start of every JSON Web Token, and of the local tenant's refresh tokens.
    expect(html + [...headers].join('\n')).not.toMatch(/\beyJ|\b1\.A[\w-]{100}/);
  }
  expect([...alice.cookies.keys()].filter((name) => /^(?:session|signin)/.test(name))).toEqual(['session']);
});

test('a sign-in requests only a code, with an S256 challenge', async () => {
  const answer = await new Browser().fetch(`${system.webUrl}/auth/signin`);
  const asked = Object.fromEntries(new URL(answer.headers.get('location') ?? '').searchParams);
  expect(asked).toMatchObject({ response_type: 'code', response_mode: 'query', code_challenge_method: 'S256' });
  expect(asked.code_challenge).toMatch(/^[\w-]{43}$/);
});
