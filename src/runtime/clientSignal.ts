import type { ServerResponse } from 'node:http';

/** The client closed its connection, so that nobody would read an answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** A signal for work that is of use to this client only. It aborts with {@link ClientGone}. */
export function clientSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const onClose = () => {
    if (!response.writableFinished) controller.abort(new ClientGone('the client closed the connection'));
  };
  if (response.closed) onClose();
  else response.once('close', onClose);
  return controller.signal;
}
