import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Payloads with the same trick. */
export interface RedirectGroup {
  readonly name: string;
  readonly payloads: readonly string[];
}

/** Reads openRedirects.txt: after each `# name` its payloads, one JSON string per line. */
export function readOpenRedirects(): readonly RedirectGroup[] {
  const text = readFileSync(resolve(import.meta.dirname, 'openRedirects.txt'), 'utf8');
  const [, ...groups] = text.split(/\n\n# /);
  return groups.map((group) => {
    const [name = '', ...lines] = group.trimEnd().split('\n');
    return { name, payloads: lines.map((line) => String(JSON.parse(line))) };
  });
}

/**
 * Whether a redirected browser leaves the site. A browser does not follow an invalid address.
 * @param base the page that redirects
 * @see https://url.spec.whatwg.org/#concept-basic-url-parser
 */
export function leadsAway(location: string, base: string): boolean {
  return URL.canParse(location, base) && new URL(location, base).origin !== new URL(base).origin;
}
