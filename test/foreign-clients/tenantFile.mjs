// Writes the seed's tenant with two more apps: one with a certificate, and one that runs in the browser.
import { readFileSync, writeFileSync } from 'node:fs';
import { seed, todoApi } from 'entra-local-tenant';

const [certificate, target] = process.argv.slice(2);
const certified = {
  clientId: '5d4c3b2a-1f0e-4d9c-8b7a-000000000031',
  displayName: 'Certified app',
  certificates: [readFileSync(certificate, 'utf8')],
  applicationPermissions: { [todoApi.clientId]: ['ToDoList.Read.All'] },
};
const page = {
  clientId: '5d4c3b2a-1f0e-4d9c-8b7a-000000000032',
  displayName: 'Page',
  spaRedirectUris: ['http://localhost/redirect', 'http://localhost/signed-out'],
};
writeFileSync(target, JSON.stringify({ ...seed, apps: [...seed.apps, certified, page] }));
