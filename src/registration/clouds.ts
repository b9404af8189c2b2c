const publicCloud = 'AzureCloud';
const nationalClouds = ['AzureUSGovernment', 'AzureChinaCloud', 'AzureGermanyCloud'];

/** Entra External ID is not offered in this cloud, or there is no such cloud. */
export class CloudRefused extends Error {
  override readonly name = 'CloudRefused';
}

/**
 * Where the Graph of a cloud is.
 * @param name as in Microsoft's scripts: AzureCloud
 * @throws {CloudRefused}
 * @see https://learn.microsoft.com/graph/deployments
 */
export function graphUrlOf(name: string): string {
  const isNamed = (known: string) => known.toLowerCase() === name.toLowerCase();
  if (isNamed(publicCloud)) return 'https://graph.microsoft.com/v1.0';
  const national = nationalClouds.find(isNamed);
  throw new CloudRefused(
    national
      ? `Entra External ID exists in the public cloud only, so that nothing can be registered in ${national}.`
      : `There is no cloud "${name}"; the one with Entra External ID is ${publicCloud}.`,
  );
}
