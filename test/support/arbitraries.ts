import fc from 'fast-check';

/** Any JSON value, including names and numbers that often break programs. */
export const trickyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, '', 0, -1, 1e308, [], {}, [[]], true, '__proto__', '\0', '\u202e', 'null', '9'.repeat(400)),
  fc.constantFrom<unknown>({ toString: 1 }, { toJSON: 'x', valueOf: null }, { length: -1 }),
);

/** Any name, including names of built-in properties. */
export const trickyNames: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.string({ unit: 'binary', maxLength: 30 }), weight: 3 },
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'toJSON', 'then'),
);

/** An object as JSON.parse makes it: `__proto__` is a property like any other. */
export function jsonObjects(names = trickyNames, values = trickyJson): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .array(fc.tuple(names, values), { maxLength: 12 })
    .map((pairs) => JSON.parse(`{${pairs.map((pair) => pair.map((part) => JSON.stringify(part)).join(':')).join()}}`));
}

/** A valid object with some of its fields changed, removed or added. */
export function changedObjects(sound: Readonly<Record<string, unknown>>, values = trickyJson) {
  const change = fc.oneof(values, fc.constant(undefined));
  const changes = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...Object.keys(sound)), trickyNames), change), {
    maxLength: 3,
  });
  return changes.map((pairs) => {
    const changed = new Map<string, unknown>(Object.entries(sound));
    for (const [name, value] of pairs) changed.set(name, value);
    return Object.fromEntries(changed);
  });
}

/**
 * Changes a text in one to four places: inserts, deletes or overwrites.
 * @param inserted what to insert; default: any characters
 */
export function textChanges(
  inserted: fc.Arbitrary<string> = fc.string({ unit: 'binary', maxLength: 8 }),
): fc.Arbitrary<(text: string) => string> {
  const place = fc.record({ part: fc.nat(999), cut: fc.nat(6), insert: inserted });
  return fc.array(place, { minLength: 1, maxLength: 4 }).map((places) => (text: string) => {
    let changed = text;
    for (const { part, cut, insert } of places) {
      const at = Math.floor((part / 999) * changed.length);
      changed = changed.slice(0, at) + insert + changed.slice(at + cut);
    }
    return changed;
  });
}

/** A valid text after {@link textChanges}. */
export function changedTexts(sound: string, inserted?: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return textChanges(inserted)
    .map((change) => change(sound))
    .filter((text) => text !== sound);
}

/** A header value: visible characters, blanks, and bytes from 0x80. */
export function headerTexts(maxLength = 40): fc.Arbitrary<string> {
  const character = fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff }));
  return fc.array(character, { maxLength }).map((codes) => String.fromCharCode(...codes));
}
