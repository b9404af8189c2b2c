import { NotDone } from '../entra/terminal/CommandError.ts';
import { TodoApiError } from '../models/TodoClient.ts';
import { withRenewedToken } from '../models/withRenewedToken.ts';
import { NotSignedIn, Unavailable } from './errors.ts';
import type { StoredSignIn } from './StoredSignIn.ts';

/**
 * Calls the to-do API, and once more with a renewed access token if it refuses the first.
 * @param id the to-do that the call is about, if any
 * @throws {CommandError} in place of the API's error
 */
export async function callApi<Result>(
  storedSignIn: Pick<StoredSignIn, 'accessToken'>,
  call: (accessToken: string) => Promise<Result>,
  id?: number,
): Promise<Result> {
  try {
    return await withRenewedToken((refused) => storedSignIn.accessToken(refused), call);
  } catch (error) {
    throw error instanceof TodoApiError ? commandErrorOf(error, id) : error;
  }
}

function commandErrorOf(cause: TodoApiError, id: number | undefined): NotDone | NotSignedIn | Unavailable {
  switch (cause.reason) {
    case 'unauthorized':
      return new NotSignedIn('The to-do API refused your sign-in. Sign in again: todo sign-in', { cause });
    case 'forbidden': {
      const advice = 'Ask an administrator to grant it ToDoList.Read and ToDoList.ReadWrite, then sign in again.';
      return new NotDone(`This app does not have permission to use your to-dos. ${advice}`, { cause });
    }
    case 'notFound':
      if (id === undefined) return new NotDone('No to-do API at this address. Correct TODO_API_URL.', { cause });
      return new NotDone(`There is no to-do ${id}. To see the numbers: todo list`, { cause });
    case 'refused':
      return new NotDone(cause.detail ?? 'The to-do API refused this text.', { cause });
    case 'tooOften':
      return new Unavailable('Too many requests to the to-do API.', cause.retryAfterSeconds, { cause });
    case 'unavailable':
      return new Unavailable('The to-do API is unavailable.', cause.retryAfterSeconds, { cause });
  }
}
