import { CommandError, exitCodes } from '../entra/terminal/CommandError.ts';
import type { Application, UserFlow } from './graphSchemas.ts';
import { type Manifest, markerOf } from './manifest.ts';
import type { TenantNames } from './read.ts';

/** The manifest cannot be applied without damage to what somebody else made. The message says what to do. */
export class RegistrationConflict extends CommandError {
  override readonly name = 'RegistrationConflict';
  readonly exitCode = exitCodes.notDone;
}

/** @throws {RegistrationConflict} if an application with our name does not have our tag */
export function assertOurs(manifest: Manifest, { uniqueName, displayName, tags }: Application): void {
  if (tags.includes(markerOf(manifest))) return;
  throw new RegistrationConflict(
    `The application "${displayName}" has the unique name ${uniqueName} but not the tag ${markerOf(manifest)}, so ` +
      'somebody else may have made it. Choose another name with --name, or add the tag if the application is yours.',
  );
}

export function isOurFlow(manifest: Manifest, { description }: UserFlow): boolean {
  return description?.endsWith(markerOf(manifest)) ?? false;
}

/** @throws {RegistrationConflict} if a user flow with our name does not have our marker */
export function assertOurFlow(manifest: Manifest, flow: UserFlow): void {
  if (isOurFlow(manifest, flow)) return;
  throw new RegistrationConflict(
    `The description of the user flow "${flow.displayName}" does not end with ${markerOf(manifest)}, so somebody else ` +
      'may have made it. Choose another userFlow.displayName in the manifest.',
  );
}

/** @throws {RegistrationConflict} for a workforce or B2C tenant, which cannot have the user flow */
export function assertExternal({ displayName, tenantType }: TenantNames): void {
  if (!tenantType || tenantType === 'CIAM') return;
  throw new RegistrationConflict(
    `"${displayName}" is not an external tenant: its type is ${tenantType}. Create an external tenant in the admin ` +
      'center (Entra ID, Overview, Manage tenants) and name it with --tenant.',
  );
}
