/** @see https://learn.microsoft.com/graph/errors */
export class GraphProblem extends Error {
  override readonly name = 'GraphProblem';
  readonly status: number;
  readonly code: string;
  readonly details: readonly ProblemDetail[];

  constructor(status: number, code: string, message: string, details: readonly ProblemDetail[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

type ProblemDetail = Readonly<Record<'code' | 'message' | 'target', string>>;

export function badRequest(message: string, details: readonly ProblemDetail[] = []): GraphProblem {
  return new GraphProblem(400, 'Request_BadRequest', message, details);
}

/** Graph answers the same for an object that never existed, was deleted, or is not replicated yet. */
export function notFound(id: string): GraphProblem {
  return new GraphProblem(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

export function alreadyThere(property: string): GraphProblem {
  return new GraphProblem(
    409,
    'Request_MultipleObjectsWithSameKeyValue',
    `Another object with the same value for property ${property} already exists.`,
    [{ code: 'ObjectConflict', message: 'The value must be unique in the tenant.', target: property }],
  );
}

export function noBackingApplication(appId: string): GraphProblem {
  return badRequest(`The appId '${appId}' of the service principal does not reference a valid application object.`, [
    { code: 'NoBackingApplicationObject', message: 'The application does not exist, or not yet.', target: 'appId' },
  ]);
}
