export interface Definition {
  readonly status: 400 | 401 | 500;
  readonly error: string;
  readonly suberror?: string;
  /** The sentence after the code; `{}` is the parameter, app or resource that it is about. */
  readonly text: string;
}

const define =
  (status: Definition['status'], error: string) =>
  (text: Definition['text']): Definition => ({ status, error, text });

const authorizationPending = define(400, 'authorization_pending');
const expiredToken = define(400, 'expired_token');
const authorizationDeclined = define(400, 'authorization_declined');
const interactionRequired = define(400, 'interaction_required');
const invalidGrant = define(400, 'invalid_grant');
const invalidScope = define(400, 'invalid_scope');
const invalidClient = define(401, 'invalid_client');
const invalidRequest = define(400, 'invalid_request');
const invalidResource = define(400, 'invalid_resource');
const unauthorizedClient = define(400, 'unauthorized_client');

/**
 * The tenant's errors by number. The link below is the source of every text that has no link of its own.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const definitions = {
  16000: interactionRequired(
    'Either multiple user identities are available for the current request or selected account is not supported for the scenario.',
  ),
  /** @see https://github.com/Earlybyte/aad_oauth/issues/328 */
  28000: invalidRequest(
    'Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {} is not valid.',
  ),
  50011: invalidGrant(
    "The redirect URI '{}' specified in the request does not match the redirect URIs configured for the application.",
  ),
  /** @see https://github.com/panva/openid-client/issues/348 */
  50027: invalidRequest('JWT token is invalid or malformed.'),
  50058: define(400, 'login_required')('A silent sign-in request was sent but no user is signed in.'),
  50076: interactionRequired(
    'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
  ),
  /** @see https://learn.microsoft.com/entra/identity-platform/jwt-claims-customization */
  50146: invalidRequest(
    "This application is required to be configured with an application-specific signing key. It is either not configured with one, or the key has expired or is not yet valid. Please contact the application's administrator.",
  ),
  50149: invalidRequest('Invalid Code_Challenge_method parameter.'),
  50173: invalidGrant(
    'The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.',
  ),
  54005: invalidGrant(
    'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
  ),
  65001: {
    status: 400,
    error: 'invalid_grant',
    suberror: 'consent_required',
    text: 'The user or administrator has not consented to use the application with ID {}. Send an interactive authorization request for this user and resource.',
  },
  70000: invalidGrant("The provided value for the '{}' parameter is not valid."),
  70003: define(400, 'unsupported_grant_type')("The app requested an unsupported grant type '{}'."),
  70008: invalidGrant(
    'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
  ),
  70011: invalidScope(
    "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {}",
  ),
  70016: authorizationPending('OAuth 2.0 device flow error. Authorization is pending. Continue polling.'),
  70018: define(400, 'bad_verification_code')("The provided value for the input parameter 'device_code' is not valid."),
  /** @see https://github.com/MicrosoftDocs/azure-docs/issues/92366 */
  70020: expiredToken(
    "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
  ),
  90002: invalidRequest(
    "Tenant '{}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
  ),
  90009: invalidRequest(
    'Application {} is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier.',
  ),
  90033: define(500, 'server_error')('A transient error has occurred. Please try again.'),
  /** The error's name is documented, a number is not. @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#expected-errors */
  90120: authorizationDeclined('The device authorization request has already been authorized or declined.'),
  /** @see https://github.com/calvinchengx/entra-emulator/tree/main/e2e/differential/testdata/fixtures token-error-invalid-scope */
  500011: invalidResource(
    'The resource principal named {}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.',
  ),
  501481: invalidGrant('The Code_Verifier does not match the code_challenge supplied in the authorization request.'),
  501491: invalidRequest('Invalid size of Code_Challenge parameter.'),
  /** @see https://github.com/MicrosoftDocs/azure-docs/issues/52161 */
  650053: define(400, 'invalid_client')('The application {}. Contact the app vendor.'),
  /** @see https://github.com/Azure/azure-cli/issues/33887 */
  650057: define(
    400,
    'invalid_client',
  )(
    "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration. {}",
  ),
  700016: unauthorizedClient(
    "Application with identifier '{}' was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
  ),
  700021: invalidClient("Client assertion application identifier doesn't match 'client_id' parameter."),
  /** @see https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/2746 */
  700023: invalidClient('Client assertion audience claim does not match Realm issuer.'),
  700024: invalidClient('Client assertion is not within its valid time range.'),
  700025: invalidClient("Client is public so neither 'client_assertion' nor 'client_secret' should be presented."),
  /** @see https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/8339 */
  700027: invalidClient('{}'),
  700038: unauthorizedClient('{} is not a valid application identifier.'),
  700051: define(400, 'unsupported_response_type')("response_type 'token' is not enabled for the application."),
  700054: define(400, 'unsupported_response_type')("response_type '{}' is not enabled for the application."),
  700082: invalidGrant('The refresh token has expired due to inactivity.'),
  700084: invalidGrant(
    "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which can't be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page.",
  ),
  /** @see https://github.com/Azure/azure-workload-identity/issues/1200 */
  700213: invalidClient(
    "No matching federated identity record found for presented assertion subject '{}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
  ),
  900144: invalidRequest("The request body must contain the following parameter: '{}'."),
  900561: invalidRequest('The endpoint {}.'),
  900971: invalidRequest('No reply address provided.'),
  901002: invalidRequest("The 'resource' request parameter is not supported."),
  /** @see https://github.com/microsoftgraph/msgraph-sdk-python/issues/181 */
  1002012: invalidScope(
    'The provided value for scope {} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).',
  ),
  7000112: unauthorizedClient('Application {} is disabled.'),
  7000215: invalidClient(
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{}'.",
  ),
  7000216: invalidClient(
    "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
  ),
  7000218: invalidClient(
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  ),
  7000222: invalidClient(
    "The provided client secret keys for app '{}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.",
  ),
  /** @see https://github.com/vibber-ai/fastapi-azure-auth/issues/221 */
  9002325: invalidRequest('Proof Key for Code Exchange is required for cross-origin authorization code redemption.'),
  /** @see https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/5196 */
  9002326: invalidRequest(
    "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{}'.",
  ),
  /** @see https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/2482 */
  9002327: invalidRequest(
    "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
  ),
  9002313: invalidRequest('Invalid request. Request is malformed or invalid.'),
} as const satisfies Record<number, Definition>;

export type AadstsCode = keyof typeof definitions;

/** Codes whose captured answers have no `error_uri`; the others do. */
export const codesWithoutLink: readonly AadstsCode[] = [70003, 700038];
