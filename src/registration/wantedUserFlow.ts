import { type Completion, complete, patchOf } from './complete.ts';
import type { UserFlow } from './directory.ts';
import { type Manifest, markerOf } from './manifest.ts';

const flowType = { '@odata.type': '#microsoft.graph.externalUsersSelfServiceSignUpEventsFlow' };
const part = (name: string) => ({ '@odata.type': `#microsoft.graph.${name}ExternalUsersSelfServiceSignUp` });

/** A customer of an app gives a password or a mailed code. @see https://learn.microsoft.com/entra/external-id/customers/concept-authentication-methods-customers */
const signInMethods = { password: 'EmailPassword-OAUTH', code: 'EmailOtpSignup-OAUTH' } as const;

/** Hidden, because the address is asked for and checked before. */
const email = {
  ...{ attribute: 'email', label: 'Email Address', inputType: 'text', defaultValue: null, hidden: true },
  ...{ editable: false, writeToDirectory: true, required: true, options: [] },
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
    onInteractiveAuthFlowStart: signUpAllowed(),
    onAuthenticationMethodLoadStart: signInMethod(manifest),
    onAttributeCollection: {
      ...part('onAttributeCollection'),
      attributes: attributesOf(manifest),
      attributeCollectionPage: { views: [{ title: null, description: null, inputs: inputsOf(manifest) }] },
    },
    onUserCreateStart: { ...part('onUserCreateStart'), userTypeToCreate: 'member' },
  };
}

/** The default is false. */
function signUpAllowed() {
  return { ...part('onInteractiveAuthFlowStart'), isSignUpAllowed: true };
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
    ...{ attribute, label, inputType: 'text', defaultValue: null, hidden: false, editable: true },
    ...{ writeToDirectory: true, required: isRequired, options: [], validationRegEx: '^.*' },
  }));
  return [email, ...asked];
}

/**
 * A user flow brought to what the manifest names. Labels and rules of inputs that are there stay as they are: Graph
 * rewrites some, and a developer changes others. Lists that Graph does not show are taken for right.
 */
export function completeUserFlow(manifest: Manifest, current: UserFlow): Completion {
  const { onAuthenticationMethodLoadStart: methods, onAttributeCollection: collection } = current;
  const shown = withoutOtherMethod(manifest, current);
  return complete(shown, {
    onInteractiveAuthFlowStart: signUpAllowed(),
    ...(methods?.identityProviders && { onAuthenticationMethodLoadStart: signInMethod(manifest) }),
    onAttributeCollection: {
      ...part('onAttributeCollection'),
      ...((!collection || collection.attributes) && { attributes: attributesOf(manifest) }),
      attributeCollectionPage: { views: [{ inputs: missingInputsOf(manifest, current) }] },
    },
  });
}

function missingInputsOf(manifest: Manifest, { onAttributeCollection: collection }: UserFlow) {
  const there: readonly string[] =
    collection?.attributeCollectionPage?.views[0]?.inputs.map(({ attribute }) => attribute) ?? [];
  return inputsOf(manifest).map((input) => (there.includes(input.attribute) ? { attribute: input.attribute } : input));
}

/** A changed method takes the place of the other one; social identity providers stay. */
function withoutOtherMethod(manifest: Manifest, current: UserFlow): UserFlow {
  const methods = current.onAuthenticationMethodLoadStart;
  if (!methods?.identityProviders) return current;
  const others = Object.values(signInMethods).filter((id) => id !== signInMethods[manifest.userFlow.signInMethod]);
  const identityProviders = methods.identityProviders.filter(({ id }) => !others.some((other) => other === id));
  return { ...current, onAuthenticationMethodLoadStart: { ...methods, identityProviders } };
}

/** The type must be said in every PATCH. @see https://learn.microsoft.com/graph/api/authenticationeventsflow-update */
export function userFlowPatch(completion: Completion): object {
  return { ...flowType, ...patchOf(completion) };
}
