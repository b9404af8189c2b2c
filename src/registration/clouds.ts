/** Where a cloud's administrators sign in, and where its Graph is. */
export interface Cloud {
  readonly graphUrl: string;
  readonly signInUrl: string;
}

const publicCloud = 'AzureCloud';
const nationalClouds = ['AzureUSGovernment', 'AzureChinaCloud', 'AzureGermanyCloud'];

/** Entra External ID is not offered in this cloud, or there is no such cloud. */
export class CloudRefused extends Error {
  override readonly name = 'CloudRefused';
}

/**
 * @param name as in Microsoft's scripts: AzureCloud
 * @throws {CloudRefused}
 * @see https://learn.microsoft.com/graph/deployments
 */
export function cloudNamed(name: string): Cloud {
  const isNamed = (known: string) => known.toLowerCase() === name.toLowerCase();
  if (isNamed(publicCloud)) {
    return { graphUrl: 'https://graph.microsoft.com/v1.0', signInUrl: 'https://login.microsoftonline.com' };
  }
  const national = nationalClouds.find(isNamed);
  throw new CloudRefused(
    national
      ? `Entra External ID exists in the public cloud only, so that nothing can be registered in ${national}.`
      : `There is no cloud "${name}"; the one with Entra External ID is ${publicCloud}.`,
  );
}
