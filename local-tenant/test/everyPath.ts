const tenantId = '7c1f5d3a-94b2-4e0c-8a6d-2f5b9e3c1d70';

export const authorize = `/${tenantId}/oauth2/v2.0/authorize`;
export const token = `/${tenantId}/oauth2/v2.0/token`;
export const deviceCode = `/${tenantId}/oauth2/v2.0/devicecode`;
export const logout = `/${tenantId}/oauth2/v2.0/logout`;
export const metadata = `/${tenantId}/v2.0/.well-known/openid-configuration`;
export const keys = `/${tenantId}/discovery/v2.0/keys`;
export const deviceAuth = `/${tenantId}/oauth2/deviceauth`;

const deviceAuthOfAll = '/common/oauth2/deviceauth';
const visit = `/${tenantId}/interaction/none`;
const devCommands = ['reset', 'clock', 'access-token-lifetime', 'revoke', 'rotate-keys', 'faults', 'graph'];
const graph = '/graph/v1.0';

/** Where the local tenant takes a POST. */
export const postPaths = [
  ...[authorize, token, deviceCode, logout, deviceAuth, deviceAuthOfAll],
  ...[`${deviceAuth}/start`, `${deviceAuth}/decline`],
  ...['', '/account', '/password', '/code', '/code/resend', '/sign-up', '/details', '/reset', '/new-password'].map(
    (page) => visit + page,
  ),
  ...[`${visit}/cancel`, `${visit}/second-factor`, `${visit}/no-second-factor`, '/social/google'],
  ...devCommands.map((name) => `/dev/${name}`),
  ...['/applications', '/applications/none/addPassword', '/servicePrincipals', '/none'].map((path) => graph + path),
];

/** Where it takes a GET. */
export const getPaths = [
  ...[authorize, `${authorize}/none`, logout, metadata, keys, deviceAuth, deviceAuthOfAll, `${deviceAuth}/done`],
  ...['/contoso.onmicrosoft.com', '/no-such-tenant'].map((name) => `${name}/v2.0/.well-known/openid-configuration`),
  ...['', '/password', '/code', '/sign-up', '/details', '/new-password', '/second-factor', '/social/google'].map(
    (page) => visit + page,
  ),
  ...['/', '/social/google', '/inbox', '/inbox.json', '/error', '/livez', '/assets/tenant.css'],
  ...['/dev/faults', '/dev/tenant.json', '/dev/token-answers'],
  ...['/organization', "/applications(appId='none')", "/applications(appId='%zz')", '/applications/none'].map(
    (path) => graph + path,
  ),
];

export const everyPath = [...new Set([...postPaths, ...getPaths])];
