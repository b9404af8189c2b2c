import type { Completion, Finding } from './complete.ts';

/** What a person calls the properties of Graph; of a longer path the nearest one above counts. */
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

/** `redirect URI http://…, scope ToDoList.Read` */
export function inWords(findings: readonly Finding[], names: ReadonlyMap<string, string> = new Map()): string {
  const said = findings.map(({ path, value }) => `${wordFor(path)} ${translated(value, names)}`);
  return [...new Set(said)].join(', ');
}

/** What stays besides, as the end of a sentence; empty if there is nothing. */
export function staysInWords({ extra }: Completion, names?: ReadonlyMap<string, string>): string {
  return extra.length === 0 ? '' : `; stays although not asked for: ${inWords(extra, names)}`;
}

function wordFor(path: string): string {
  const word = words[path];
  if (word !== undefined) return word;
  const above = path.slice(0, Math.max(0, path.lastIndexOf('.')));
  return above ? wordFor(above) : path;
}

function translated(value: string, names: ReadonlyMap<string, string>): string {
  return value
    .split(' ')
    .map((part) => names.get(part) ?? part)
    .join(' ');
}
