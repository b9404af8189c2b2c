import { type BadAnswer, failWith, resetConnection } from './badAnswers.ts';
import type { FaultTable } from './fault.ts';
import type { FlawedAnswer } from './tokenAnswerFaults.ts';

const withFields =
  (changes: Readonly<Record<string, unknown>>): FlawedAnswer =>
  (response, sound) =>
    response.json({ ...sound, ...changes });

/** What is wrong with the answer to a device that asks for a code. */
export const deviceCodeFaults = {
  'device-no-interval': [
    'interval is missing: it is 5 seconds then (RFC 8628, section 3.2).',
    withFields({ interval: undefined }),
  ],
  'device-interval-0': ['interval is 0.', withFields({ interval: 0 })],
  'device-no-expires-in': ['expires_in is missing.', withFields({ expires_in: undefined })],
  'device-no-code': ['device_code is missing.', withFields({ device_code: undefined })],
} as const satisfies FaultTable<FlawedAnswer>;

/** What the token endpoint answers to a device that polls, instead of looking at its code. */
export const devicePollFaults = {
  'device-slow-down': [
    'A poll is answered slow_down (RFC 8628, section 3.5), which Entra never says.',
    failWith(400, { error: 'slow_down', error_description: 'Poll less often.' }),
  ],
  'device-poll-reset': ["A poll's connection is reset.", resetConnection],
  'device-poll-500': ['A poll is answered 500 with the body {}.', failWith(500, {})],
} as const satisfies FaultTable<BadAnswer>;
