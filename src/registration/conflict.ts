import type { Application, UserFlow } from './directory.ts';
import { type Manifest, markerOf } from './manifest.ts';
import type { TenantNames } from './read.ts';

/** The tenant cannot be brought to what the manifest names without harm to what others made; the message says what to do. */
export class RegistrationConflict extends Error {
  override readonly name = 'RegistrationConflict';
}

/** @throws {RegistrationConflict} if somebody else's application carries our name */
export function assertOurs(manifest: Manifest, { uniqueName, displayName, tags }: Application): void {
  if (tags.includes(markerOf(manifest))) return;
  throw new RegistrationConflict(
    `The application "${displayName}" has the unique name ${uniqueName} but not the tag ${markerOf(manifest)}, so that ` +
      'somebody else may have made it. Choose another name with --name, or give it that tag if it is yours.',
  );
}

export function isOurFlow(manifest: Manifest, { description }: UserFlow): boolean {
  return description?.endsWith(markerOf(manifest)) ?? false;
}

/** @throws {RegistrationConflict} if somebody else's user flow carries our name */
export function assertOurFlow(manifest: Manifest, flow: UserFlow): void {
  if (isOurFlow(manifest, flow)) return;
  throw new RegistrationConflict(
    `There is a user flow "${flow.displayName}" whose description does not end with ${markerOf(manifest)}, so that ` +
      'somebody else may have made it. Choose another userFlow.displayName in the manifest.',
  );
}

/** @throws {RegistrationConflict} for a workforce or a B2C tenant, where customers' user flows of this kind do not exist */
export function assertExternal({ displayName, tenantType }: TenantNames): void {
  if (tenantType === undefined || tenantType === 'CIAM') return;
  throw new RegistrationConflict(
    `"${displayName}" is not an external tenant but one of type ${tenantType}. Create an external tenant in the admin ` +
      'center (Entra ID, Overview, Manage tenants) and name it with --tenant.',
  );
}
