import type { RequestHandler } from 'express';

export interface HealthControllerOptions {
  readonly metadata: { ready(): boolean };
  readonly credentials: { ready(): boolean };
  readonly records: { ping(): Promise<void> };
  readonly isStopping?: () => boolean;
}

/** What an operator's probes ask: does the process live, and can it serve customers. */
export class HealthController {
  readonly #options: HealthControllerOptions;

  constructor(options: HealthControllerOptions) {
    this.#options = options;
  }

  readonly live: RequestHandler = (_request, response) => {
    response.json({ status: 'ok' });
  };

  readonly ready: RequestHandler = async (_request, response) => {
    const { metadata, credentials, records, isStopping = () => false } = this.#options;
    const hasRecords = await records.ping().then(
      () => true,
      () => false,
    );
    const states = {
      tenant: metadata.ready(),
      credential: credentials.ready(),
      sessions: hasRecords,
      accepting: !isStopping(),
    };
    response.status(Object.values(states).every(Boolean) ? 200 : 503).json(states);
  };
}
