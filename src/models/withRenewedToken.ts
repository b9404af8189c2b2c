import { TodoApiError } from './TodoClient.ts';

/**
 * Calls the API. A token that it refuses is renewed once; when the new one is refused too, the customer must sign in again.
 * @param accessToken a token; one other than `refused`, if that is given
 * @throws {TodoApiError} `unauthorized` after the second refusal
 */
export async function withRenewedToken<Result>(
  accessToken: (refused?: string) => Promise<string>,
  call: (accessToken: string) => Promise<Result>,
): Promise<Result> {
  const token = await accessToken();
  try {
    return await call(token);
  } catch (error) {
    if (!(error instanceof TodoApiError) || error.reason !== 'unauthorized') throw error;
  }
  return await call(await accessToken(token));
}
