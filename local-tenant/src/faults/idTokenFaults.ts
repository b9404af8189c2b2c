import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Claims, SigningKeys } from '../token/SigningKeys.ts';
import { claimsFaults } from './claimsFaults.ts';
import type { Fault, FaultTable } from './fault.ts';

export interface IdTokenDraft {
  readonly claims: Claims;
  readonly keys: SigningKeys;
  /** The app's client secret; empty when it has none. */
  readonly clientSecret: string;
}

/** Makes the ID token; undefined: the answer has none. */
export type IdTokenFault = (draft: IdTokenDraft) => Promise<string> | string | undefined;

interface Parts {
  readonly header?: Claims;
  /** Text that may not be a JSON object. */
  readonly payload?: string;
  /** Default: RS256 with the current key. */
  readonly signature?: (input: Buffer, key: KeyObject) => Buffer;
}

const rs256 = (input: Buffer, key: KeyObject) => sign('sha256', input, key);

/** Makes a token from parts; missing parts are correct. */
const composed =
  (parts: Parts | ((draft: IdTokenDraft) => Parts)): IdTokenFault =>
  async (draft) => {
    const { header, payload, signature = rs256 } = typeof parts === 'function' ? parts(draft) : parts;
    const { kid, privateKey } = await draft.keys.current();
    const head = JSON.stringify({ typ: 'JWT', alg: 'RS256', kid, ...header });
    const texts = [head, payload ?? JSON.stringify(draft.claims)];
    const input = texts.map((text) => Buffer.from(text).toString('base64url')).join('.');
    return `${input}.${signature(Buffer.from(input), privateKey).toString('base64url')}`;
  };

let keptRogueKey: KeyObject | undefined;
/** Generated once in a process, because it takes a quarter of a second of CPU time. */
function rogueKey(): KeyObject {
  keptRogueKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  return keptRogueKey;
}
const publicPem = (key: KeyObject) => createPublicKey(key).export({ type: 'spki', format: 'pem' });
/** RFC 7518, section 3.5: the salt is as long as the digest. */
const ps256 = (input: Buffer, key: KeyObject) => sign('sha256', input, { key, padding: 6, saltLength: 32 });

const formFaults = {
  'id-token-missing': ['There is no ID token.', () => undefined],
  'id-token-alg-none': [
    'It is not signed: alg is none.',
    composed({ header: { alg: 'none', kid: undefined }, signature: () => Buffer.alloc(0) }),
  ],
  'id-token-no-alg': ['alg is missing.', composed({ header: { alg: undefined } })],
  'id-token-no-signature': [
    'The signature is empty, though alg is RS256.',
    composed({ signature: () => Buffer.alloc(0) }),
  ],
  'id-token-wrong-signature': [
    'The signature is broken.',
    composed({ signature: (input, key) => rs256(input, key).reverse() }),
  ],
  'id-token-rogue-key': [
    'Signed by an unknown key with the kid of the current one.',
    composed({ signature: (input) => rs256(input, rogueKey()) }),
  ],
  'id-token-unknown-kid': ['kid is not that of a published key.', composed({ header: { kid: 'no-such-key' } })],
  'id-token-no-kid': ['kid is missing while several keys are published.', composed({ header: { kid: undefined } })],
  'id-token-hs256': [
    'Signed with HS256; the secret is the public key.',
    composed({
      header: { alg: 'HS256' },
      signature: (input, key) => createHmac('sha256', publicPem(key)).update(input).digest(),
    }),
  ],
  'id-token-hs256-client-secret': [
    "Signed with HS256; the secret is the app's client_secret.",
    composed(({ clientSecret }) => ({
      header: { alg: 'HS256' },
      signature: (input) => createHmac('sha256', clientSecret).update(input).digest(),
    })),
  ],
  'id-token-rs384': [
    'Signed with RS384 by the published key.',
    composed({ header: { alg: 'RS384' }, signature: (input, key) => sign('sha384', input, key) }),
  ],
  'id-token-ps256': [
    'Signed with PS256 by the published key.',
    composed({ header: { alg: 'PS256' }, signature: ps256 }),
  ],
  'id-token-es256': [
    'Signed with ES256 by an elliptic-curve key that is then published.',
    composed(({ keys }) => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const kid = 'elliptic-curve-key';
      keys.publishAlso({ ...publicKey.export({ format: 'jwk' }), use: 'sig', kid });
      return {
        header: { alg: 'ES256', kid },
        signature: (input) => sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
      };
    }),
  ],
  'id-token-keys-replaced': [
    'Correct, but the keys were replaced just before it was signed, so its kid is new.',
    async ({ claims, keys }) => {
      await keys.replace();
      return keys.sign(claims);
    },
  ],
  'id-token-typ-access-token': ['typ is at+jwt (RFC 9068).', composed({ header: { typ: 'at+jwt' } })],
  'id-token-typ-logout-token': ['typ is logout+jwt.', composed({ header: { typ: 'logout+jwt' } })],
  'id-token-payload-array': ['The payload is [].', composed({ payload: '[]' })],
  'id-token-payload-null': ['The payload is null.', composed({ payload: 'null' })],
  'id-token-not-a-token': ['It is a word, not a token.', () => 'not-a-token'],
  'id-token-expiry-infinite': [
    'exp is 1e400, which is too large for a number.',
    composed(({ claims }) => ({ payload: appended({ ...claims, exp: undefined }, '"exp":1e400') })),
  ],
  'id-token-duplicate-claim': [
    "sub is repeated, and the second one is another customer's.",
    composed(({ claims }) => ({ payload: appended(claims, '"sub":"the-subject-of-somebody-else"') })),
  ],
} as const satisfies FaultTable<IdTokenFault>;

function appended(claims: Claims, member: string): string {
  return `${JSON.stringify(claims).slice(0, -1)},${member}}`;
}

export const idTokenFaults: FaultTable<IdTokenFault> = {
  ...formFaults,
  ...Object.fromEntries(
    Object.entries(claimsFaults).map(([name, [description, changes]]): [string, Fault<IdTokenFault>] => [
      name,
      [description, composed(({ claims }) => ({ payload: JSON.stringify({ ...claims, ...changes(claims) }) }))],
    ]),
  ),
};
