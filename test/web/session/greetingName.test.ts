import { expect, it } from 'vitest';
import { greetingName } from '../../../src/web/session/greetingName.ts';

it.each([
  ['Alice', 'Alice'],
  [' Alice ', 'Alice'],
  ['Unknown Soldier', 'Unknown Soldier'],
])('%j is greeted as %j', (name, greeting) => {
  expect(greetingName(name)).toBe(greeting);
});

it.each(['unknown', 'Unknown', ' unknown ', '', ' ', undefined, null, 5, ['Alice']])('%j is not a name', (name) => {
  expect(greetingName(name)).toBe('');
});
