import { expect, test } from 'vitest';
import { claims, run } from './runCommand.ts';

test('claims are shown by name, values that are no text as JSON', async () => {
  const { out } = await run(['claims']);
  expect(out).toContain('name  Alice Archer\n');
  expect(out).toContain('amr   ["pwd"]\n');
  expect(JSON.parse((await run(['claims'], { format: 'json' })).out)).toEqual(claims);
});

test('claims that are times are shown as times, if they are any', async () => {
  const odd = { ...claims, iat: 1_772_367_300, exp: 1e300, auth_time: 1_772_367_300.5 };
  const account = {
    accessToken: async () => '',
    claims: async () => odd,
    checkStorage: async () => {},
    keep: async () => {},
    forget: async () => true,
  };
  const { out } = await run(['claims'], { account });
  expect(out).toMatch(/^iat +1772367300 \(2026-03-01T12:15:00Z\)$/m);
  expect(out).toMatch(/^exp +1e\+300$/m);
});
