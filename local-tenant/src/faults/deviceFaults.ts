import { type BadAnswer, type FlawedAnswer, failWith, resetConnection, withFields } from './badAnswers.ts';
import type { FaultTable } from './fault.ts';

export const deviceCodeFaults = {
  'device-no-interval': [
    'interval is missing, which means 5 seconds (RFC 8628, section 3.2).',
    withFields({ interval: undefined }),
  ],
  'device-interval-0': ['interval is 0.', withFields({ interval: 0 })],
  'device-no-expires-in': ['expires_in is missing.', withFields({ expires_in: undefined })],
  'device-no-code': ['device_code is missing.', withFields({ device_code: undefined })],
} as const satisfies FaultTable<FlawedAnswer>;

/** Answers of the token endpoint to a polling device; its code is not checked. */
export const devicePollFaults = {
  'device-slow-down': [
    'A poll gets slow_down (RFC 8628, section 3.5), which Entra never sends.',
    failWith(400, { error: 'slow_down', error_description: 'Poll less often.' }),
  ],
  'device-poll-reset': ["A poll's connection is reset.", resetConnection],
  'device-poll-500': ['A poll gets status 500 with the body {}.', failWith(500, {})],
} as const satisfies FaultTable<BadAnswer>;
