import { checked, GraphError } from '../registration/GraphClient.ts';
import { application } from '../registration/graphSchemas.ts';
import {
  type GraphReader,
  type RegisteredApp,
  readGrants,
  readServicePrincipal,
  readUserFlowOfApp,
} from '../registration/read.ts';

/** An app and what it was granted. */
export interface DirectoryApp extends Omit<RegisteredApp, 'userFlow'> {
  readonly userFlow: RegisteredApp['userFlow'] | 'unreadable';
}

/** The app with this client ID. @throws {GraphError} */
export async function readApp(graph: GraphReader, appId: string): Promise<DirectoryApp | undefined> {
  const [found, servicePrincipal, userFlow] = await Promise.all([
    graph.find(`/applications(appId='${appId}')`),
    readServicePrincipal(graph, appId),
    readUserFlowOfApp(graph, appId).catch((error: unknown) => {
      // User flows need another role than apps; the other checks go on without them.
      if (error instanceof GraphError && error.status === 403) return 'unreadable' as const;
      throw error;
    }),
  ]);
  if (found === undefined) return undefined;
  const grants = servicePrincipal ? await readGrants(graph, servicePrincipal.id) : [];
  return { application: checked(application, found), servicePrincipal, grants, userFlow };
}
