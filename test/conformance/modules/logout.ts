import { type Module, notApplicable, played, refusedByDesign } from './module.ts';

const noTokenInAddresses =
  'The suite wants the ID token itself as id_token_hint. It holds personal data, which would stand in an address, so that the app sends logout_hint and no state;';

export const initiatedByClient: readonly Module[] = [
  refusedByDesign(
    'oidcc-client-test-rp-init-logout',
    'ends the session and sends the browser back',
    'send id_token_hint and a registered post_logout_redirect_uri, and take the return',
    `${noTokenInAddresses} it has ended its own session before that.`,
  ),
  refusedByDesign(
    'oidcc-client-test-rp-init-logout-other-state',
    'comes back with another state',
    'land gracefully',
    `${noTokenInAddresses} any state that comes back is ignored.`,
  ),
  refusedByDesign(
    'oidcc-client-test-rp-init-logout-no-state',
    'comes back without state',
    'land gracefully',
    `${noTokenInAddresses} none is expected back.`,
  ),
];

export const frontChannel: readonly Module[] = [
  refusedByDesign(
    'oidcc-client-test-rp-frontchannel-rpinitlogout',
    'after a sign-out by the client, shows its front-channel address in a frame, with iss and sid',
    'load in the frame and end the session',
    `${noTokenInAddresses} the frame is answered, and finds the session ended.`,
  ),
  played(
    'oidcc-client-test-rp-frontchannel-opinitlogout',
    'without the client, shows its front-channel address in a frame, with iss and sid',
    'load in the frame and end the session',
  ),
];

const name = 'oidcc-client-test-rp-backchannel-rpinitlogout';
const notSent = 'Entra External ID sends no logout tokens, so that the app has no route for them.';

export const backChannel: readonly Module[] = [
  notApplicable(name, 'posts a sound logout token', 'end the session', notSent),
  ...[
    ['alg-none', 'the logout token is unsigned'],
    ['no-event', 'events is missing'],
    ['with-nonce', 'there is a nonce'],
    ['wrong-alg', 'another algorithm than that of the ID token'],
    ['wrong-aud', 'aud has INVALID at its end'],
    ['wrong-event', 'events names another event'],
    ['wrong-iss', 'iss has INVALID at its end'],
  ].map(([suffix, suite = '']) => notApplicable(`${name}-${suffix}`, suite, 'answer 400', notSent)),
];

export const sessionManagement: readonly Module[] = [
  notApplicable(
    'oidcc-client-test-session-management',
    'check_session_iframe',
    'watch the session in a frame',
    'Entra External ID publishes no check_session_iframe, and the app has no script.',
  ),
];
