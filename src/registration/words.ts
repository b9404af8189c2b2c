import type { Completion, Finding } from './complete.ts';
import type { Judgement } from './step.ts';

/** Readable names of Graph's properties. A path that is not listed takes the name of its nearest listed parent. */
const words: Readonly<Record<string, string>> = {
  displayName: 'display name',
  description: 'description',
  signInAudience: 'audience',
  tags: 'tag',
  identifierUris: 'identifier URI',
  isFallbackPublicClient: 'public client flows',
  'web.redirectUris': 'redirect URI',
  'web.logoutUrl': 'front-channel logout URL',
  'publicClient.redirectUris': 'redirect URI',
  'api.requestedAccessTokenVersion': 'access token version',
  'api.oauth2PermissionScopes': 'scope',
  'api.preAuthorizedApplications': 'pre-authorized app',
  appRoles: 'app role',
  'optionalClaims.idToken': 'ID token claim',
  'optionalClaims.accessToken': 'access token claim',
  requiredResourceAccess: 'permission',
  onInteractiveAuthFlowStart: 'sign-up allowed',
  onAuthenticationMethodLoadStart: 'sign-in method',
  'onAttributeCollection.attributes': 'attribute',
  onAttributeCollection: 'input',
};

/**
 * What a step does to an object that exists.
 * @param title the object
 * @param act completes it
 * @param names readable names of ids
 */
export function judgementOf(
  title: string,
  { missing, extra }: Completion,
  act: NonNullable<Judgement['act']>,
  names: ReadonlyMap<string, string> = new Map(),
): Judgement {
  const stays = extra.length === 0 ? '' : `; keeps what the manifest does not name: ${inWords(extra, names)}`;
  if (missing.length === 0) return { kind: 'leave', what: `${title}${stays}` };
  return { kind: 'change', what: `${title}: ${inWords(missing, names)}${stays}`, act };
}

/** Such as `redirect URI http://…, scope ToDoList.Read`. */
function inWords(findings: readonly Finding[], names: ReadonlyMap<string, string>): string {
  const named = (value: string) => value.replace(/\S+/g, (part) => names.get(part) ?? part);
  return [...new Set(findings.map(({ path, value }) => `${wordFor(path)} ${named(value)}`))].join(', ');
}

function wordFor(path: string): string {
  const word = words[path];
  if (word !== undefined) return word;
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
  return parent ? wordFor(parent) : path;
}
