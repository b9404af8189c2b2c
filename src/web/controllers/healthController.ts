import type { RequestHandler } from 'express';

export interface HealthDependencies {
  readonly metadata: { ready(): boolean };
  readonly credentials: { ready(): boolean };
  readonly records: { ping(): Promise<void> };
  readonly isStopping: () => boolean;
}

/** Answers an operator's probes: is the process alive, and can it serve customers? */
export function healthController({ metadata, credentials, records, isStopping }: HealthDependencies) {
  const live: RequestHandler = (_request, response) => {
    response.json({ status: 'ok' });
  };

  const ready: RequestHandler = async (_request, response) => {
    const hasSessions = await records.ping().then(
      () => true,
      () => false,
    );
    const states = {
      tenant: metadata.ready(),
      credential: credentials.ready(),
      sessions: hasSessions,
      accepting: !isStopping(),
    };
    response.status(Object.values(states).every(Boolean) ? 200 : 503).json(states);
  };

  return { live, ready };
}
