/** Keeps the session record small. In bytes of JSON. */
const longestNameBytes = 64;

/** The beginning of a customer's name, cut between two characters. */
export function greetingName(name: unknown): string {
  let kept = '';
  for (const character of typeof name === 'string' ? name : '') {
    if (Buffer.byteLength(JSON.stringify(kept + character)) - 2 > longestNameBytes) break;
    kept += character;
  }
  return kept;
}
