import type { Response } from 'express';
import { AadstsError } from '../AadstsError.ts';
import { GraphProblem, noBackingApplication, notFound } from '../graph/GraphProblem.ts';
import { type BadAnswer, neverAnswer, resetConnection, sendText } from './badAnswers.ts';
import type { FaultTable } from './fault.ts';

/** Makes the error that a request is refused with. @param subject what the request is about */
export type Refusal = (subject: string) => Error;

/** What Microsoft Graph answers to any request, without looking at it. */
export const graphAnswerFaults = {
  'graph-html': ['Status 200 with a page instead of JSON.', sendText('<h1>Maintenance</h1>', 'html')],
  'graph-slow': ['No answer ever comes.', neverAnswer],
  'graph-reset': ['The connection is reset, and nothing is carried out.', resetConnection],
} as const satisfies FaultTable<BadAnswer>;

/** With what Microsoft Graph refuses any request. @see https://learn.microsoft.com/graph/throttling */
export const graphRefusals = {
  'graph-429': [
    'Status 429 with Retry-After: 10.',
    () => new GraphProblem(429, 'TooManyRequests', 'Too many requests. Retry after 10 seconds.'),
  ],
  'graph-500': [
    'Status 500 with an error as Graph words it.',
    () => new GraphProblem(500, 'InternalServerError', 'The server encountered an internal error.'),
  ],
  'graph-503': [
    'Status 503 with an error as Graph words it.',
    () => new GraphProblem(503, 'ServiceUnavailable', 'The service is temporarily unavailable.'),
  ],
} as const satisfies FaultTable<Refusal>;

/** What happens to a POST, PATCH or DELETE. */
export const graphWriteFaults = {
  'graph-answer-lost': [
    'A change is carried out, and the connection is reset instead of an answer.',
    (response: Response) => {
      response.end = () => {
        response.socket?.resetAndDestroy();
        return response;
      };
    },
  ],
} as const satisfies FaultTable<(response: Response) => void>;

/** The directory needs seconds until all its replicas know a new object. */
export const graphObjectFaults = {
  'graph-not-found-yet': ['A request about one object is answered 404, as if it were not there.', notFound],
} as const satisfies FaultTable<Refusal>;

export const graphPrincipalFaults = {
  'graph-sp-not-yet': [
    'Making a service principal is answered 400, as if the application were not there.',
    noBackingApplication,
  ],
} as const satisfies FaultTable<Refusal>;

/** What the token endpoint says of what was registered a moment ago. */
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
