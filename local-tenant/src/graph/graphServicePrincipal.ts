import { servicePrincipalId } from '../entraDialect.ts';
import { graphApi, graphAppId, graphScopes } from './wellKnown.ts';

const microsoftTenantId = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a';

/** Microsoft Graph as a resource that apps are granted permissions for. Every tenant has it. */
export const graphServicePrincipal = {
  id: servicePrincipalId(graphAppId),
  appId: graphAppId,
  deletedDateTime: null,
  accountEnabled: true,
  appRoleAssignmentRequired: false,
  notes: null,
  tags: [],
  displayName: graphApi.displayName,
  appDisplayName: graphApi.displayName,
  appOwnerOrganizationId: microsoftTenantId,
  servicePrincipalType: 'Application',
  signInAudience: 'AzureADMultipleOrgs',
  servicePrincipalNames: [graphAppId, graphApi.identifierUri],
  replyUrls: [],
  logoutUrl: null,
  appRoles: [],
  oauth2PermissionScopes: Object.entries(graphScopes).map(([value, id]) => ({
    id,
    value,
    type: 'Admin',
    isEnabled: true,
    adminConsentDisplayName: value,
    adminConsentDescription: value,
    userConsentDisplayName: null,
    userConsentDescription: null,
  })),
  keyCredentials: [],
  passwordCredentials: [],
};
