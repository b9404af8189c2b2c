/** A claim of an ID token as the claims page shows it. */
export interface DescribedClaim {
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
  /** Whether an app may use this claim to identify a customer in its own data; undefined: not known. */
  readonly identifier: { readonly suitable: boolean; readonly reason: string } | undefined;
}

type Knowledge = Omit<DescribedClaim, 'name' | 'value'>;

const maxLength = 2_000;

const changes = no('The customer or an administrator can change it.');
const shared = no('Many customers share it.');
const ofToken = no('It describes the token, not the customer.');
const perSignIn = no('It differs from one sign-in to the next.');

/**
 * The meaning of each known claim, in the order of the page: customer, permissions, token, Entra's own.
 * @see https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
 * @see https://learn.microsoft.com/entra/identity-platform/optional-claims-reference
 */
const knownClaims: ReadonlyMap<string, Knowledge> = new Map([
  claim('name', 'The display name, to greet the customer with.', changes),
  claim('preferred_username', 'What the customer signs in with, usually an email address.', changes),
  claim('email', 'The email address. Send mail to it, but do not use it as an identifier.', changes),
  claim('given_name', 'The first name.', changes),
  claim('family_name', 'The last name.', changes),
  claim(
    'oid',
    'The customer’s object id, the same in every app of this tenant.',
    yes('Together with tid. It never changes and is never reused for another customer.'),
  ),
  claim('tid', 'The tenant that the customer belongs to.', no('It identifies the tenant. Use it together with oid.')),
  claim(
    'sub',
    'The customer’s id for this app only.',
    yes('Only within this app. Other apps see other values for the same customer.'),
  ),
  claim('upn', 'The user principal name: the account’s internal sign-in name.', changes),
  claim('verified_primary_email', 'Email addresses that the tenant has verified as primary.', changes),
  claim('xms_edov', 'Whether the owner of the email address’s domain has been verified.', shared),
  claim('acct', 'The kind of account: 0 is a member of the tenant, 1 is a guest.', shared),
  claim('ctry', 'The customer’s country or region, as two letters.', changes),
  claim('xms_pl', 'The language that the customer prefers.', changes),
  claim('idp', 'Who authenticated the customer, if it was not this tenant. Example: google.com.', shared),
  claim('roles', 'The app roles assigned to the customer. Check these to decide what they may do.', shared),
  claim('acrs', 'The authentication contexts that this sign-in met, for example c1 after a second factor.', shared),
  claim('iss', 'Who issued the token: this tenant. The app accepts no other issuer.', shared),
  claim('aud', 'The app that the token is for: this app’s client id. The app accepts no other.', shared),
  claim('iat', 'When the token was issued.', ofToken),
  claim('nbf', 'The token is not valid before this time.', ofToken),
  claim('exp', 'The token expires at this time.', ofToken),
  claim('auth_time', 'When the customer last entered their credentials.', perSignIn),
  claim('nonce', 'The app’s one-time value, which ties this token to the sign-in that asked for it.', perSignIn),
  claim(
    'sid',
    'The session at the tenant. When the customer signs out of one app, the others end the session with this id.',
    perSignIn,
  ),
  claim('login_hint', 'Identifies the account to the tenant, so that sign-out does not ask which one.', changes),
  claim('ver', 'The version of the token’s format.', shared),
  claim('at_hash', 'Ties an access token to this ID token.', ofToken),
  claim('c_hash', 'Ties an authorization code to this ID token.', ofToken),
  claim('uti', 'The token’s own id, useful when you ask support about one sign-in.', ofToken),
  claim('rh', 'Used by Entra internally. Ignore it.', ofToken),
  claim('aio', 'Used by Entra internally. Ignore it.', ofToken),
  claim('ipaddr', 'The network address that the customer signed in from.', perSignIn),
  claim('pwd_exp', 'When the customer’s password expires.', changes),
  claim('tenant_ctry', 'The tenant’s country or region, as two letters.', shared),
  claim('tenant_region_scope', 'The part of the world in which the tenant’s data is kept.', shared),
  claim('xms_tpl', 'The language that the tenant prefers.', shared),
]);

const timeClaims: ReadonlySet<string> = new Set(['iat', 'nbf', 'exp', 'auth_time']);

/**
 * Explains an ID token's claims to a developer: known ones first, the customer before the token, then the rest.
 * Never throws, whatever the values are; long names and values are cut at 2,000 characters.
 */
export function describeClaims(claims: Readonly<Record<string, unknown>>): DescribedClaim[] {
  const known = [...knownClaims.keys()].filter((name) => Object.hasOwn(claims, name));
  const others = Object.keys(claims).filter((name) => !knownClaims.has(name));
  return [...known, ...others].map((name) => ({
    name: shorten(name),
    value: shorten(readable(name, claims[name])),
    meaning: 'Added by this tenant’s configuration.',
    identifier: undefined,
    ...knownClaims.get(name),
  }));
}

function claim(name: string, meaning: string, identifier: Knowledge['identifier']): [string, Knowledge] {
  return [name, { meaning, identifier }];
}

function yes(reason: string): Knowledge['identifier'] {
  return { suitable: true, reason };
}

function no(reason: string): Knowledge['identifier'] {
  return { suitable: false, reason };
}

function readable(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && timeClaims.has(name)) return readableTime(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return '(a value that cannot be shown)';
  }
}

function readableTime(seconds: number): string {
  const time = new Date(seconds * 1_000);
  // toISOString throws on a time that a Date cannot hold.
  if (Number.isNaN(time.getTime())) return String(seconds);
  return `${seconds} (${time.toISOString().replace(/\.\d+Z$/, 'Z')})`;
}

function shorten(text: string): string {
  if (text.length <= maxLength) return text;
  // Half of a surrogate pair would show as a replacement character.
  return `${text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, '')}… (cut)`;
}
