/** Keeps the session record small. In bytes of JSON. */
const longestNameBytes = 64;

/** What Entra puts into the claim `name` when the user flow collects no display name. */
const placeholder = 'unknown';

/** The beginning of a customer's name, cut between two characters; empty without a name. */
export function greetingName(name: unknown): string {
  if (typeof name !== 'string' || name.trim().toLowerCase() === placeholder) return '';
  let kept = '';
  for (const character of name.trim()) {
    if (Buffer.byteLength(JSON.stringify(kept + character)) - 2 > longestNameBytes) break;
    kept += character;
  }
  return kept;
}
