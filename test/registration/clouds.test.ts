import { expect, test } from 'vitest';
import { CloudRefused, graphUrlOf } from '../../src/registration/clouds.ts';

test('the public cloud is where Entra External ID is', () => {
  expect(graphUrlOf('azurecloud')).toBe('https://graph.microsoft.com/v1.0');
});

test.each(['AzureUSGovernment', 'AzureChinaCloud', 'AzureGermanyCloud'])('%s is refused in one sentence', (name) => {
  expect(() => graphUrlOf(name)).toThrow(
    new CloudRefused(
      `Entra External ID exists in the public cloud only, so that nothing can be registered in ${name}.`,
    ),
  );
});

test('an unknown cloud is refused', () => {
  expect(() => graphUrlOf('Nimbus')).toThrow('There is no cloud "Nimbus"');
});
