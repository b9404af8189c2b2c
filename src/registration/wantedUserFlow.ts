import { type Completion, complete } from './complete.ts';
import type { UserFlow } from './graphSchemas.ts';
import { type Manifest, markerOf } from './manifest.ts';

/** Every PATCH must name the type too. @see https://learn.microsoft.com/graph/api/authenticationeventsflow-update */
export const flowType = { '@odata.type': '#microsoft.graph.externalUsersSelfServiceSignUpEventsFlow' };
const part = (name: string) => ({ '@odata.type': `#microsoft.graph.${name}ExternalUsersSelfServiceSignUp` });

/** Graph's default is false. */
const signUpAllowed = { ...part('onInteractiveAuthFlowStart'), isSignUpAllowed: true };

/** Email with a password, or with a one-time code. @see https://learn.microsoft.com/entra/external-id/customers/concept-authentication-methods-customers */
const signInMethods = { password: 'EmailPassword-OAUTH', code: 'EmailOtpSignup-OAUTH' } as const;

const inputDefaults = { inputType: 'text', defaultValue: null, writeToDirectory: true, options: [] };

/** Hidden, because Entra asks for the address and verifies it earlier. */
const email = {
  ...inputDefaults,
  attribute: 'email',
  label: 'Email Address',
  hidden: true,
  editable: false,
  required: true,
  validationRegEx: "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9-]+(?:\\.[a-zA-Z0-9-]+)*$",
};

/**
 * The body that creates the user flow.
 * @see https://learn.microsoft.com/graph/api/identitycontainer-post-authenticationeventsflows
 */
export function newUserFlow(manifest: Manifest): object {
  return {
    ...flowType,
    displayName: manifest.userFlow.displayName,
    description: `Sign-up and sign-in of customers. ${markerOf(manifest)}`,
    onInteractiveAuthFlowStart: signUpAllowed,
    onAuthenticationMethodLoadStart: signInMethod(manifest),
    onAttributeCollection: {
      ...part('onAttributeCollection'),
      attributes: attributesOf(manifest),
      attributeCollectionPage: { views: [{ title: null, description: null, inputs: inputsOf(manifest) }] },
    },
    onUserCreateStart: { ...part('onUserCreateStart'), userTypeToCreate: 'member' },
  };
}

function signInMethod({ userFlow }: Manifest) {
  const provider = {
    '@odata.type': '#microsoft.graph.builtInIdentityProvider',
    id: signInMethods[userFlow.signInMethod],
  };
  return { ...part('onAuthenticationMethodLoadStart'), identityProviders: [provider] };
}

function attributesOf({ userFlow }: Manifest) {
  return ['email', ...userFlow.attributes.map(({ id }) => id)].map((id) => ({ id }));
}

function inputsOf({ userFlow }: Manifest) {
  const asked = userFlow.attributes.map(({ id: attribute, label, isRequired }) => ({
    ...inputDefaults,
    attribute,
    label,
    hidden: false,
    editable: true,
    required: isRequired,
    validationRegEx: '^.*',
  }));
  return [email, ...asked];
}

/**
 * Compares a user flow with the manifest. Labels and rules of existing inputs stay, because Graph rewrites some and
 * developers change others. Lists that Graph does not show count as complete.
 */
export function completeUserFlow(manifest: Manifest, current: UserFlow): Completion {
  const { onAuthenticationMethodLoadStart: methods, onAttributeCollection: collection } = current;
  const shown = withoutOtherMethod(manifest, current);
  return complete(shown, {
    onInteractiveAuthFlowStart: signUpAllowed,
    ...(methods?.identityProviders && { onAuthenticationMethodLoadStart: signInMethod(manifest) }),
    onAttributeCollection: {
      ...part('onAttributeCollection'),
      ...((!collection || collection.attributes) && { attributes: attributesOf(manifest) }),
      attributeCollectionPage: { views: [{ inputs: missingInputsOf(manifest, current) }] },
    },
  });
}

function missingInputsOf(manifest: Manifest, { onAttributeCollection: collection }: UserFlow) {
  const present: readonly string[] =
    collection?.attributeCollectionPage?.views[0]?.inputs.map(({ attribute }) => attribute) ?? [];
  return inputsOf(manifest).map((input) =>
    present.includes(input.attribute) ? { attribute: input.attribute } : input,
  );
}

/** The wanted method replaces the other one; social identity providers stay. */
function withoutOtherMethod(manifest: Manifest, current: UserFlow): UserFlow {
  const methods = current.onAuthenticationMethodLoadStart;
  if (!methods?.identityProviders) return current;
  const others = Object.values(signInMethods).filter((id) => id !== signInMethods[manifest.userFlow.signInMethod]);
  const identityProviders = methods.identityProviders.filter(({ id }) => !others.some((other) => other === id));
  return { ...current, onAuthenticationMethodLoadStart: { ...methods, identityProviders } };
}
