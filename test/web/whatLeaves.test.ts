import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

test('no page and no header that a signed-in customer gets holds a token', async () => {
  const alice = await system.signedIn('alice@example.com');
  await alice.goto(`${system.webUrl}/todos`);
  await alice.submit('Add', { description: 'Any' });
  for (const path of ['/', '/users/id', '/todos', '/auth/signout']) {
    const { html, headers } = await alice.goto(system.webUrl + path);
    expect(html).toContain('Alice');
    // Every JSON Web Token begins like this, and the local tenant's refresh tokens like that.
    expect(html + [...headers].join('\n')).not.toMatch(/\beyJ|\b1\.A[\w-]{100}/);
  }
  expect([...alice.cookies.keys()].filter((name) => /^(?:session|signin)/.test(name))).toEqual(['session']);
});

test('a sign-in asks for a code alone, with a challenge by S256', async () => {
  const answer = await new Browser().fetch(`${system.webUrl}/auth/signin`);
  const asked = Object.fromEntries(new URL(answer.headers.get('location') ?? '').searchParams);
  expect(asked).toMatchObject({ response_type: 'code', response_mode: 'query', code_challenge_method: 'S256' });
  expect(asked.code_challenge).toMatch(/^[\w-]{43}$/);
});
