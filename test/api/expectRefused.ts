import { expect } from 'vitest';
import type { Api } from './apiHarness.ts';

/** Expects that a token is refused with 401, in RFC 6750's words, and that neither answer nor log repeats any of it. */
export async function expectRefused(api: Api, token: string, description = 'not valid for this API'): Promise<void> {
  const answer = await api.call('GET', '/api/todolist', { token });
  expect(answer.status).toBe(401);
  expect(answer.headers['www-authenticate']).toBe(
    `Bearer realm="todo", error="invalid_token", error_description="${description}"`,
  );
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(JSON.parse(answer.text)).toEqual({
    type: 'about:blank',
    title: 'Unauthorized',
    status: 401,
    detail: `The access token is refused: ${description}.`,
  });
  const logged = api.logLines.join();
  for (const part of token.split(/[. ,=]+/).filter(({ length }) => length > 8)) expect(logged).not.toContain(part);
}
