import { z } from 'zod';
import { directoryRoles } from '../graph/wellKnown.ts';
import { guid } from '../runtime/settings.ts';
import { label, namesByApp } from './appSchema.ts';

const builtInAttributes = [
  ...['displayName', 'givenName', 'surname', 'city', 'country'],
  ...['postalCode', 'jobTitle', 'state', 'streetAddress'],
];

/** @see https://learn.microsoft.com/entra/external-id/customers/how-to-define-custom-attributes */
export function isFlowAttribute(name: string): boolean {
  return builtInAttributes.includes(name) || /^extension_\w+$/.test(name);
}

const attributeName = z
  .string()
  .refine(isFlowAttribute, `must be an attribute: ${builtInAttributes.join(', ')} or extension_…`);

/** How customers of some apps sign up and in. */
export const userFlowSchema = z.strictObject({
  name: label,
  signIn: z.enum(['password', 'emailOneTimePasscode']).default('password'),
  isSignUpAllowed: z.boolean().default(true),
  /** What a new customer is asked for, in the order of the page. */
  attributes: z
    .array(z.strictObject({ name: attributeName, label, isRequired: z.boolean().default(false) }))
    .default([{ name: 'displayName', label: 'Display name', isRequired: true }]),
  /** Buttons for other identity providers; `domain` is what `domain_hint` names and the `idp` claim says. */
  identityProviders: z.array(z.strictObject({ id: label, displayName: label, domain: label })).default([]),
});

/** scrypt over the password in NFKC, with Node's default cost: salt of 16 bytes and key of 32 bytes in base64url. */
const passwordHash = z
  .string()
  .regex(/^scrypt\$[\w-]{22}\$[\w-]{43}$/, 'must be scrypt$salt$key, as this program writes it');

/** A customer as written in the document. */
export const customerSchema = z
  .strictObject({
    oid: guid,
    email: z.string().trim().toLowerCase().max(254).pipe(z.email('must be an email address')),
    displayName: label,
    attributes: z.record(attributeName, z.string().max(250, 'must have at most 250 characters')).default({}),
    /** In clear, for customers who were written by hand. */
    password: z.string().min(1, 'must not be empty').max(256, 'must have at most 256 characters').optional(),
    passwordHash: passwordHash.optional(),
    /** The domain of the identity provider at which the customer signs in; default: here. */
    identityProvider: label.optional(),
    isEnabled: z.boolean().default(true),
    /** Role names, by the client id of the app or API. */
    roles: namesByApp.default({}),
    /** What the person may do as an administrator, through Microsoft Graph. */
    directoryRoles: z.array(z.enum(directoryRoles)).default([]),
  })
  .refine(({ password, passwordHash: hash }) => password === undefined || hash === undefined, {
    message: 'must have a password or a passwordHash, not both',
  });
