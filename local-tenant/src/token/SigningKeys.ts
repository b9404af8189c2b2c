import { createHash, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';

export type Claims = Record<string, unknown>;

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly published: Readonly<Record<string, unknown>>;
}

/** What is published at one time; the current one signs. */
interface KeyRing {
  readonly current: SigningKey;
  /** Published before it signs, so that clients that keep a copy of the key set have it in time. */
  readonly next: SigningKey;
  readonly previous?: SigningKey;
}

/**
 * The keys that sign tokens, with the previous and the next one during a rollover. They are made on first use, because
 * making them takes longer than the rest of the tenant's start.
 * @see https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
 */
export class SigningKeys {
  readonly #issuer: string;
  #keptRing: Promise<KeyRing> | undefined;
  #alsoPublished: readonly object[] = [];

  constructor(issuer: string) {
    this.#issuer = issuer;
  }

  /** Signs with the key that was published as the next one, as Entra does. */
  async rotate(): Promise<void> {
    const [ring, next] = await Promise.all([this.#ring(), publish(this.#issuer)]);
    this.#keptRing = Promise.resolve({ previous: ring.current, current: ring.next, next });
  }

  /** Signs with a key that was never published, as Entra may in an emergency; the old keys are no longer published. */
  async replace(): Promise<void> {
    this.#keptRing = newRing(this.#issuer);
    await this.#keptRing;
  }

  /** The key set as it is published. It names no `alg`, and `kid` is the certificate's thumbprint. */
  async published() {
    const { current, next, previous } = await this.#ring();
    const sound = [current, next, ...(previous ? [previous] : [])].map((key) => key.published);
    return { keys: [...sound, ...this.#alsoPublished] };
  }

  async current(): Promise<Pick<SigningKey, 'kid' | 'privateKey'>> {
    return (await this.#ring()).current;
  }

  publishAlso(key: object): void {
    this.#alsoPublished = [key];
  }

  async sign(claims: Claims): Promise<string> {
    const { kid, privateKey } = await this.current();
    return new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid }).sign(privateKey);
  }

  #ring(): Promise<KeyRing> {
    this.#keptRing ??= firstRing(this.#issuer);
    return this.#keptRing;
  }
}

const generate = promisify(generateKeyPair);
const generatePair = () => generate('rsa', { modulusLength: 2048 });
type Pair = ReturnType<typeof generatePair>;
let firstPairs: readonly [Pair, Pair] | undefined;

/** Tenants in one process start with the same two key pairs, because generating one takes a quarter of a second of CPU time. */
function firstRing(issuer: string): Promise<KeyRing> {
  firstPairs ??= [generatePair(), generatePair()];
  return newRing(issuer, ...firstPairs);
}

async function newRing(issuer: string, ...pairs: readonly Pair[]): Promise<KeyRing> {
  const [current, next] = await Promise.all([publish(issuer, pairs[0]), publish(issuer, pairs[1])]);
  return { current, next };
}

async function publish(issuer: string, pair = generatePair()): Promise<SigningKey> {
  const { selfSignedCertificate } = await import('../runtime/selfSignedCertificate.ts');
  const { privateKey, publicKey } = await pair;
  const certificate = selfSignedCertificate(privateKey, publicKey, 'Local tenant signing key');
  const kid = createHash('sha1').update(certificate).digest('base64url');
  const { n, e } = publicKey.export({ format: 'jwk' });
  const x5c = [certificate.toString('base64')];
  return { kid, privateKey, published: { kty: 'RSA', use: 'sig', kid, x5t: kid, n, e, x5c, issuer } };
}
