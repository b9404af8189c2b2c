import { expect, test, vi } from 'vitest';
import { TodoApiError } from '../../src/models/TodoClient.ts';
import { withRenewedToken } from '../../src/models/withRenewedToken.ts';

const refused = new TodoApiError('unauthorized', 'refused');

function tokens() {
  return vi.fn(async (old?: string) => (old === undefined ? 'first' : 'second'));
}

test('a token that the API accepts is used as it is', async () => {
  const accessToken = tokens();
  await expect(withRenewedToken(accessToken, async (token) => token)).resolves.toBe('first');
  expect(accessToken.mock.calls).toEqual([[]]);
});

test('a token that the API refuses is renewed once', async () => {
  const accessToken = tokens();
  const call = async (token: string) => {
    if (token === 'first') throw refused;
    return token;
  };
  await expect(withRenewedToken(accessToken, call)).resolves.toBe('second');
  expect(accessToken.mock.calls).toEqual([[], ['first']]);
});

test('a second refusal is not renewed again', async () => {
  const accessToken = tokens();
  await expect(withRenewedToken(accessToken, () => Promise.reject(refused))).rejects.toBe(refused);
  expect(accessToken).toHaveBeenCalledTimes(2);
});

test('does not renew after another error of the API', async () => {
  const accessToken = tokens();
  const forbidden = new TodoApiError('forbidden', 'forbidden');
  await expect(withRenewedToken(accessToken, () => Promise.reject(forbidden))).rejects.toBe(forbidden);
  expect(accessToken).toHaveBeenCalledTimes(1);
});
