import type { Response } from 'express';
import { AadstsError } from '../AadstsError.ts';
import { GraphProblem, noBackingApplication, notFound } from '../graph/GraphProblem.ts';
import { type BadAnswer, neverAnswer, resetConnection, sendText } from './badAnswers.ts';
import type { FaultTable } from './fault.ts';

/** Makes the error that refuses a request. @param subject what the request is about */
export type Refusal = (subject: string) => Error;

export const graphAnswerFaults = {
  'graph-html': ['Status 200 with a page instead of JSON.', sendText('<h1>Maintenance</h1>', 'html')],
  'graph-slow': ['There is never an answer.', neverAnswer],
  'graph-reset': ['The connection is reset, and nothing is changed.', resetConnection],
} as const satisfies FaultTable<BadAnswer>;

/** Errors with which Microsoft Graph refuses any request. @see https://learn.microsoft.com/graph/throttling */
export const graphRefusals = {
  'graph-429': [
    'Status 429 with Retry-After: 10.',
    () => new GraphProblem(429, 'TooManyRequests', 'Too many requests. Retry after 10 seconds.'),
  ],
  'graph-500': [
    "Status 500 with one of Graph's errors.",
    () => new GraphProblem(500, 'InternalServerError', 'The server encountered an internal error.'),
  ],
  'graph-503': [
    "Status 503 with one of Graph's errors.",
    () => new GraphProblem(503, 'ServiceUnavailable', 'The service is temporarily unavailable.'),
  ],
} as const satisfies FaultTable<Refusal>;

export const graphWriteFaults = {
  'graph-answer-lost': [
    'A change is made, and the connection is reset instead of an answer.',
    (response: Response) => {
      response.end = () => {
        response.socket?.resetAndDestroy();
        return response;
      };
    },
  ],
} as const satisfies FaultTable<(response: Response) => void>;

/** Replication: it takes seconds until all replicas know a new object. */
export const graphObjectFaults = {
  'graph-not-found-yet': ['A request for one object gets status 404, as if it did not exist.', notFound],
} as const satisfies FaultTable<Refusal>;

export const graphPrincipalFaults = {
  'graph-sp-not-yet': [
    'Creating a service principal gets status 400, as if the application did not exist.',
    noBackingApplication,
  ],
} as const satisfies FaultTable<Refusal>;

/** The token endpoint's errors for objects that were registered a moment ago. */
export const notYetFaults = {
  'app-not-yet': [
    'AADSTS700016, as for an app that was registered a moment ago.',
    (app) => new AadstsError(700016, app),
  ],
  'secret-not-yet': [
    'AADSTS7000215, as for a secret that was made a moment ago.',
    (app) => new AadstsError(7000215, app),
  ],
  'api-not-yet': [
    'AADSTS500011, as for an API that was registered a moment ago.',
    () => new AadstsError(500011, 'The API was not found in the tenant'),
  ],
} as const satisfies FaultTable<Refusal>;
