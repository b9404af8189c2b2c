/*
 * The seed's apps and API. A running tenant's own are in its `registrations`.
 */

export const todoApi = {
  clientId: '0a9b8c7d-6e5f-4a3b-9c2d-1e0f2a3b4c5d',
  displayName: 'To-do API',
  identifierUri: 'api://0a9b8c7d-6e5f-4a3b-9c2d-1e0f2a3b4c5d',
} as const;

export const webApp = {
  clientId: '3d2c1b0a-4f5e-4d6c-8b7a-9f8e7d6c5b4a',
  displayName: 'To-do web app',
  secret: 'local-tenant-web-app-secret',
  redirectUris: [
    'http://localhost:3000/auth/redirect',
    'http://localhost:3000/auth/signed-out',
    // Behind a TLS proxy on this machine. The port is ignored only for http.
    'https://localhost:3000/auth/redirect',
    'https://localhost:3000/auth/signed-out',
  ],
  logoutUrl: 'http://localhost:3000/auth/front-channel-logout',
} as const;

export const daemon = {
  clientId: '8f7e6d5c-1b0a-4c9d-a8e7-6f5b4d3c2a19',
  displayName: 'To-do report daemon',
  secret: 'local-tenant-daemon-secret',
} as const;

export const terminal = {
  clientId: '6c5b4a39-2817-4f06-9e5d-4c3b2a190f8e',
  displayName: 'To-do terminal',
  redirectUris: ['http://localhost'],
} as const;

export const loyaltyShop = {
  clientId: 'b1a09f8e-7d6c-4b5a-8493-a2b1c0d9e8f7',
  displayName: 'Loyalty shop',
  secret: 'local-tenant-loyalty-shop-secret',
  redirectUris: ['http://localhost:3010/auth/redirect', 'http://localhost:3010/auth/signed-out'],
  logoutUrl: 'http://localhost:3010/auth/front-channel-logout',
} as const;
