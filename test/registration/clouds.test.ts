import { expect, test } from 'vitest';
import { CloudRefused, cloudNamed } from '../../src/registration/clouds.ts';

test('the public cloud is where Entra External ID is', () => {
  expect(cloudNamed('azurecloud')).toEqual({
    ...{ graphUrl: 'https://graph.microsoft.com/v1.0', signInUrl: 'https://login.microsoftonline.com' },
  });
});

test.each(['AzureUSGovernment', 'AzureChinaCloud', 'AzureGermanyCloud'])('%s is refused in one sentence', (name) => {
  expect(() => cloudNamed(name)).toThrow(
    new CloudRefused(
      `Entra External ID exists in the public cloud only, so that nothing can be registered in ${name}.`,
    ),
  );
});

test('an unknown cloud is refused', () => {
  expect(() => cloudNamed('Nimbus')).toThrow('There is no cloud "Nimbus"');
});
