import { z } from 'zod';
import { guid } from '../runtime/settings.ts';
import { displayName, orNull } from './applicationSchema.ts';

const typed = <Name extends string>(name: Name) => z.literal(`#microsoft.graph.${name}`);

export const flowType = '#microsoft.graph.externalUsersSelfServiceSignUpEventsFlow';

const input = z.strictObject({
  attribute: z.string().min(1),
  label: z.string(),
  inputType: z.enum(['text', 'radioSingleSelect', 'checkboxMultiSelect', 'boolean']),
  defaultValue: orNull(z.string()),
  hidden: z.boolean().default(false),
  editable: z.boolean().default(true),
  writeToDirectory: z.boolean().default(true),
  required: z.boolean().default(false),
  validationRegEx: orNull(z.string()),
  options: z.array(z.strictObject({ label: z.string(), value: z.string() })).default([]),
});

const attributeCollection = z.strictObject({
  '@odata.type': typed('onAttributeCollectionExternalUsersSelfServiceSignUp'),
  attributes: z.array(
    z.strictObject({
      id: z.string().min(1),
      displayName: z.string().nullish(),
      description: z.string().nullish(),
      userFlowAttributeType: z.string().nullish(),
      dataType: z.string().nullish(),
    }),
  ),
  attributeCollectionPage: z.strictObject({
    customStringsFileId: z.null().optional(),
    views: z.array(
      z.strictObject({ title: orNull(z.string()), description: orNull(z.string()), inputs: z.array(input) }),
    ),
  }),
});

/** @see https://learn.microsoft.com/graph/api/resources/identityproviderbase */
export const identityProviders = {
  'EmailPassword-OAUTH': { displayName: 'Email with password', identityProviderType: 'EmailPassword' },
  'EmailOtpSignup-OAUTH': { displayName: 'Email One Time Passcode', identityProviderType: 'EmailOTP' },
} as const;

type ProviderId = keyof typeof identityProviders;
const isProviderId = (id: string): id is ProviderId => Object.hasOwn(identityProviders, id);

const identityProvider = z
  .strictObject({
    '@odata.type': typed('builtInIdentityProvider'),
    id: z.string().refine(isProviderId, `must be one of: ${Object.keys(identityProviders).join(', ')}`),
    displayName: z.string().nullish(),
    identityProviderType: z.string().nullish(),
  })
  .transform(({ id }) => ({
    '@odata.type': '#microsoft.graph.builtInIdentityProvider' as const,
    id,
    ...(isProviderId(id) ? identityProviders[id] : {}),
  }));

export const includedApplication = z
  .strictObject({ '@odata.type': typed('authenticationConditionApplication').optional(), appId: guid })
  .transform(({ appId }) => ({ appId }));

/** @see https://learn.microsoft.com/graph/api/resources/externalusersselfservicesignupeventsflow */
export const flowSchema = z.strictObject({
  '@odata.type': z.literal(flowType),
  displayName,
  description: orNull(z.string().max(1024)),
  priority: z.int().default(500),
  conditions: z
    .strictObject({
      applications: z.strictObject({ includeApplications: z.array(includedApplication).default([]) }).prefault({}),
    })
    .prefault({}),
  onInteractiveAuthFlowStart: z
    .strictObject({
      '@odata.type': typed('onInteractiveAuthFlowStartExternalUsersSelfServiceSignUp'),
      isSignUpAllowed: z.boolean().default(false),
    })
    .prefault({ '@odata.type': '#microsoft.graph.onInteractiveAuthFlowStartExternalUsersSelfServiceSignUp' }),
  onAuthenticationMethodLoadStart: z.strictObject({
    '@odata.type': typed('onAuthenticationMethodLoadStartExternalUsersSelfServiceSignUp'),
    identityProviders: z.array(identityProvider).min(1),
  }),
  onAttributeCollection: orNull(attributeCollection),
  onUserCreateStart: orNull(
    z.strictObject({
      '@odata.type': typed('onUserCreateStartExternalUsersSelfServiceSignUp'),
      userTypeToCreate: z.literal('member').default('member'),
    }),
  ),
});
