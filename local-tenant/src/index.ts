/*
 * What other programs and their tests use of the local tenant. Importing this loads no server; startTenant does.
 */
export { readTenantFacts } from './appSettings.ts';
export { readTenantConfig, type TenantConfig, tenantSettings } from './config.ts';
export type { WrittenCustomer, WrittenDocument } from './registrations/document.ts';
export { SettingsError } from './runtime/settings.ts';
export { daemon, loyaltyShop, terminal, todoApi, webApp } from './seed/apps.ts';
export { seededAdministrator, seededCustomers, seededPassword } from './seed/customers.ts';
export { emptySeed, seed } from './seed/seed.ts';
export { type RunningTenant, startTenant, type TenantOptions } from './startTenant.ts';
