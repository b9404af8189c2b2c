import { apiSchema, appSchema } from '../registrations/appSchema.ts';
import type { ApiRegistration, AppRegistration } from '../registrations/document.ts';

/** @see https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in */
export const graphAppId = '00000003-0000-0000-c000-000000000000';

/**
 * The delegated permissions of Microsoft Graph that registering an app can require: id by name.
 * @see https://learn.microsoft.com/graph/permissions-reference
 */
export const graphScopes = {
  openid: '37f7f235-527c-4136-accd-4a02d197296e',
  offline_access: '7427e0e9-2fba-42fe-b0c0-848c9e6a8182',
  profile: '14dad69e-099b-42c9-810b-d002981feec1',
  email: '64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0',
  'User.Read': 'e1fe6dd8-ba31-4d61-89e7-88639da4683d',
  'Application.Read.All': 'c79f8feb-a9db-4090-85f9-90d820caa0eb',
  'Application.ReadWrite.All': 'bdfbf15f-ee85-4955-8675-146e8e5296b5',
  'AppRoleAssignment.ReadWrite.All': '84bccea3-f856-4a8a-967b-dbe0a3d53a64',
  'DelegatedPermissionGrant.ReadWrite.All': '41ce6ca6-6826-4807-84f1-1c82854f7ee5',
  'EventListener.Read.All': 'f7dd3bed-5eec-48da-bc73-1c0ef50bc9a1',
  'EventListener.ReadWrite.All': 'd11625a6-fe21-4fc6-8d3d-063eba5525ad',
  'IdentityUserFlow.ReadWrite.All': '281892cc-4dbf-4e3a-b6cc-b21029bb4e82',
  'Organization.Read.All': '4908d5b9-3fb2-4b1e-9336-1888b7937185',
  'Directory.ReadWrite.All': 'c5366453-9fb0-48a5-a156-24f0c49a4b84',
} as const;

export type GraphScope = keyof typeof graphScopes;

export const graphApi: ApiRegistration = apiSchema.parse({
  clientId: graphAppId,
  displayName: 'Microsoft Graph',
  identifierUri: 'https://graph.microsoft.com',
  scopes: Object.keys(graphScopes),
});

/**
 * The public client with which administrators sign in to Microsoft Graph. Every tenant has it.
 * @see https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in
 */
export const administratorClient: AppRegistration = appSchema.parse({
  clientId: '14d82eec-204b-4c2f-b7e8-296a70dab67e',
  displayName: 'Microsoft Graph Command Line Tools',
  redirectUris: ['http://localhost'],
  isPublicClient: true,
});
