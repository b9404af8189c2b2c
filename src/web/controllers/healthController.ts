import type { RequestHandler } from 'express';
import { refusalOf } from '../../runtime/redisProbe.ts';

export interface HealthDependencies {
  readonly metadata: { ready(): boolean };
  readonly credentials: { ready(): boolean };
  readonly records: { check(): Promise<void> };
  readonly isStopping: () => boolean;
}

/** Answers an operator's probes: is the process alive, and can it serve customers? */
export function healthController({ metadata, credentials, records, isStopping }: HealthDependencies) {
  const live: RequestHandler = (_request, response) => {
    response.json({ status: 'ok' });
  };

  const ready: RequestHandler = async (_request, response) => {
    const failure: unknown = await records.check().catch((error: unknown) => error);
    const states = {
      tenant: metadata.ready(),
      credential: credentials.ready(),
      sessions: failure === undefined,
      accepting: !isStopping(),
    };
    response.status(Object.values(states).every(Boolean) ? 200 : 503).json({ ...states, redis: refusalOf(failure) });
  };

  return { live, ready };
}
