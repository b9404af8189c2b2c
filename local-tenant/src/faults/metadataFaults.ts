import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import { type FlawedAnswer, failWith, neverAnswer, sendText, withFields } from './badAnswers.ts';
import { type FaultTable, foreignHost, otherIssuer } from './fault.ts';

/** Moves the tenant's own endpoints to another origin. */
const withEndpointsOn = (origin: string) =>
  withFields((document) => {
    const endpoints = Object.entries(document).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
    return Object.fromEntries(endpoints.map(([name, url]) => [name, origin + new URL(String(url)).pathname]));
  });

export const discoveryFaults = {
  'discovery-500': ['Status 500.', failWith(500, { error: 'server_error' })],
  'discovery-html': ['Status 200 with a page instead of JSON.', sendText('<h1>Maintenance</h1>', 'html')],
  'discovery-slow': ['There is never an answer.', neverAnswer],
  'discovery-wrong-issuer': ["The issuer is another tenant's.", withFields({ issuer: otherIssuer })],
  'discovery-issuer-suffix': [
    'The issuer ends with INVALID.',
    withFields(({ issuer }) => ({ issuer: `${issuer}INVALID` })),
  ],
  'discovery-issuer-host': [
    'The issuer has the right path on another host.',
    withFields(({ issuer }) => ({ issuer: `https://${foreignHost}${new URL(String(issuer)).pathname}` })),
  ],
  'discovery-http-endpoints': ['All endpoints are http on another host.', withEndpointsOn(`http://${foreignHost}`)],
  'discovery-foreign-endpoints': [
    'All endpoints are https on another host.',
    withEndpointsOn(`https://${foreignHost}`),
  ],
  'discovery-iss-parameter': [
    'It promises an iss in answers (RFC 9207), but there is none.',
    withFields({ authorization_response_iss_parameter_supported: true }),
  ],
  'discovery-keys-moved': [
    'jwks_uri is a new address, at which the keys are.',
    withFields(({ jwks_uri }) => ({ jwks_uri: `${jwks_uri}/${randomUUID()}` })),
  ],
  'discovery-no-issuer': ['issuer is missing.', withFields({ issuer: undefined })],
  'discovery-no-token-endpoint': ['token_endpoint is missing.', withFields({ token_endpoint: undefined })],
  'discovery-no-keys': ['jwks_uri is missing.', withFields({ jwks_uri: undefined })],
} as const satisfies FaultTable<FlawedAnswer>;

export type KeysFault = (
  response: Response,
  sound: { readonly keys: readonly object[] },
  signing: { readonly kid: string },
) => unknown;

const curvePoint = {
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
};

/**
 * Keys of unknown kinds. The OpenID Foundation's suite uses them to test that clients ignore them.
 * @see https://gitlab.com/openid/conformance-suite
 */
const undecodableKeys = [
  { kty: 'AKP', alg: 'ML-DSA-9999', pub: 'AAAA', kid: 'unknown-algorithm-pair' },
  { kty: 'MADE-UP', kid: 'unknown-type' },
  { kty: 'RSA', alg: 'RS9999', n: 'AQAB', e: 'AQAB', kid: 'unknown-rsa-algorithm' },
  { kty: 'EC', crv: 'P-256', alg: 'ES9999', ...curvePoint, kid: 'unknown-ec-algorithm' },
  { kty: 'EC', crv: 'P-9999', ...curvePoint, kid: 'unknown-curve' },
];

const withoutKid = (keys: readonly object[]) => ({ keys: keys.map((key) => ({ ...key, kid: undefined })) });
const hasKid = (key: object, kid: string) => 'kid' in key && key.kid === kid;

export const keysFaults = {
  'keys-500': ['Status 500.', failWith(500, { error: 'server_error' })],
  'keys-html': ['Status 200 with a page instead of JSON.', sendText('<h1>Maintenance</h1>', 'html')],
  'keys-slow': ['There is never an answer.', neverAnswer],
  'keys-empty': ['The key set has no keys.', sendText('{"keys":[]}', 'json')],
  'keys-undecodable': [
    'Five keys of unknown kinds come before the correct ones.',
    (response, { keys }) => response.json({ keys: [...undecodableKeys, ...keys] }),
  ],
  'keys-duplicate-kid': [
    'Two keys have the kid of the signing key; the wrong one comes first.',
    (response, { keys }, { kid }) => {
      const wrong = keys.filter((key) => !hasKid(key, kid)).map((key) => ({ ...key, kid, x5t: kid }));
      response.json({ keys: [...wrong, ...keys.filter((key) => hasKid(key, kid))] });
    },
  ],
  'keys-single-no-kid': [
    'Only the signing key is published, without a kid.',
    (response, { keys }, { kid }) => response.json(withoutKid(keys.filter((key) => hasKid(key, kid)))),
  ],
  'keys-no-kid': ['All keys are published without a kid.', (response, { keys }) => response.json(withoutKid(keys))],
} as const satisfies FaultTable<KeysFault>;
