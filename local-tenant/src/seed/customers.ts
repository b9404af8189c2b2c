/** The password of the seeded customers. It is valid in this local tenant only. */
export const seededPassword = 'Local-Tenant-1!';

export const seededCustomers = [
  { oid: '11111111-aaaa-4aaa-8aaa-000000000001', email: 'alice@example.com', displayName: 'Alice Archer' },
  { oid: '22222222-bbbb-4bbb-8bbb-000000000002', email: 'bob@example.com', displayName: 'Bob Baker' },
] as const;

export const seededAdministrator = {
  oid: '33333333-dddd-4ddd-8ddd-000000000001',
  email: 'admin@contoso.onmicrosoft.com',
  displayName: 'Ada Administrator',
  directoryRoles: ['Application Administrator', 'External ID User Flow Administrator'],
} as const;
