import { TodoApiError } from '../models/TodoClient.ts';
import type { Account } from './Account.ts';
import { NotDone, NotSignedIn, Unavailable } from './errors.ts';

/**
 * Calls the to-do API, and once again with a new access token if it does not take the first.
 * @param id the to-do that is meant, if one is
 * @throws {HeadlessError} what the customer is told instead of the API's error
 */
export async function callApi<Result>(
  { account }: { readonly account: Pick<Account, 'accessToken'> },
  call: (accessToken: string) => Promise<Result>,
  id?: number,
): Promise<Result> {
  try {
    return await call(await account.accessToken());
  } catch (error) {
    if (!(error instanceof TodoApiError) || error.reason !== 'unauthorized') throw translated(error, id);
  }
  try {
    return await call(await account.accessToken({ renewed: true }));
  } catch (error) {
    throw translated(error, id);
  }
}

function translated(error: unknown, id: number | undefined): unknown {
  if (!(error instanceof TodoApiError)) return error;
  const cause = { cause: error };
  switch (error.reason) {
    case 'unauthorized':
      return new NotSignedIn('The to-do API does not take your sign-in. Sign in again: todo sign-in', cause);
    case 'forbidden':
      return new NotDone(
        'This app may not use your to-dos. Ask an administrator of the tenant to grant it ToDoList.Read and ' +
          'ToDoList.ReadWrite, then sign in again.',
        cause,
      );
    case 'notFound':
      return new NotDone(
        id === undefined
          ? 'There is no to-do API at this address. Correct TODO_API_URL.'
          : `There is no to-do ${id}. Your numbers: todo list`,
        cause,
      );
    case 'refused':
      return new NotDone(error.detail ?? 'The to-do API does not take this text.', cause);
    case 'tooOften':
      return new Unavailable(
        `The to-do API takes no more from you just now. ${tryAgain(error.retryAfterSeconds)}`,
        cause,
      );
    case 'unavailable':
      return new Unavailable(`The to-do API is away. ${tryAgain(error.retryAfterSeconds)}`, cause);
  }
}

function tryAgain(seconds: number | undefined): string {
  return seconds === undefined ? 'Try again in a while.' : `Try again in ${seconds} s.`;
}
