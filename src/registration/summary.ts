import { join } from 'node:path';
import ejs from 'ejs';

/** What configure registered. */
export interface Summary {
  readonly tenant: { readonly id: string; readonly displayName: string };
  readonly isLocal: boolean;
  readonly apps: readonly {
    readonly displayName: string;
    readonly clientId: string;
    /** The setting in `.env` that has the client ID. */
    readonly setting: string;
  }[];
  readonly userFlow: string;
}

const template = join(import.meta.dirname, '../../AppCreationScripts/createdApps.ejs');

/** The page that `configure` writes to createdApps.html, as Microsoft's script does. It contains no secret. */
export async function summaryPage(summary: Summary): Promise<string> {
  return await ejs.renderFile(template, summary);
}
