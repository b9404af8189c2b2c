import { z } from 'zod';
import { guidFrom } from '../runtime/guidFrom.ts';
import { guid } from '../runtime/settings.ts';
import { label, namesByApp } from './appSchema.ts';

export const builtInAttributes = {
  displayName: 'Display Name',
  givenName: 'Given Name',
  surname: 'Surname',
  city: 'City',
  country: 'Country/Region',
  jobTitle: 'Job Title',
  postalCode: 'Postal Code',
  state: 'State/Province',
  streetAddress: 'Street Address',
};

/** @see https://learn.microsoft.com/entra/external-id/customers/how-to-define-custom-attributes */
export function isFlowAttribute(name: string): boolean {
  return Object.hasOwn(builtInAttributes, name) || /^extension_\w+$/.test(name);
}

const attributeName = z
  .string()
  .refine(isFlowAttribute, `must be an attribute: ${Object.keys(builtInAttributes).join(', ')} or extension_…`);

/** @see https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference */
const directoryRoles = [
  'Application Administrator',
  'Cloud Application Administrator',
  'External ID User Flow Administrator',
  'Privileged Role Administrator',
  'Global Administrator',
] as const;

export type DirectoryRole = (typeof directoryRoles)[number];

export const userFlowSchema = z.strictObject({
  name: label,
  signIn: z.enum(['password', 'emailOneTimePasscode']).default('password'),
  isSignUpAllowed: z.boolean().default(true),
  /** What a new customer enters, in the order of the page. */
  attributes: z
    .array(z.strictObject({ name: attributeName, label, isRequired: z.boolean().default(false) }))
    .default([{ name: 'displayName', label: 'Display name', isRequired: true }]),
  /** Buttons for other identity providers. `domain` is the value of `domain_hint` and of the `idp` claim. */
  identityProviders: z.array(z.strictObject({ id: label, displayName: label, domain: label })).default([]),
});

/** scrypt of the NFKC password with Node's default cost. Salt (16 bytes) and key (32 bytes) are in base64url. */
const passwordHash = z
  .string()
  .regex(/^scrypt\$[\w-]{22}\$[\w-]{43}$/, 'must be scrypt$salt$key, as this program writes it');

export const customerSchema = z
  .strictObject({
    /** Default: made from the address, so that it survives a restart. */
    oid: guid.optional(),
    email: z.string().trim().toLowerCase().max(254).pipe(z.email('must be an email address')),
    displayName: label,
    attributes: z.record(attributeName, z.string().max(250, 'must have at most 250 characters')).default({}),
    /** In clear text, for customers written by hand. */
    password: z.string().min(1, 'must not be empty').max(256, 'must have at most 256 characters').optional(),
    passwordHash: passwordHash.optional(),
    /** The domain of the identity provider that signs the customer in; default: this tenant. */
    identityProvider: label.optional(),
    isEnabled: z.boolean().default(true),
    roles: namesByApp.default({}),
    /** An administrator's roles, which Microsoft Graph requires. */
    directoryRoles: z.array(z.enum(directoryRoles)).default([]),
  })
  .refine(({ password, passwordHash: hash }) => password === undefined || hash === undefined, {
    message: 'must have a password or a passwordHash, not both',
  })
  .transform((customer) => ({ ...customer, oid: customer.oid ?? guidFrom(`customer ${customer.email}`) }));
