// Microsoft's @azure/identity with a certificate.
import { ClientCertificateCredential } from '@azure/identity';
import { decodeJwt } from 'jose';

const { TENANT_ID, TENANT_HOST, CERTIFIED, API } = process.env;
const credential = new ClientCertificateCredential(
  TENANT_ID,
  '5d4c3b2a-1f0e-4d9c-8b7a-000000000031',
  { certificatePath: CERTIFIED },
  { authorityHost: TENANT_HOST },
);
const { token } = await credential.getToken(`${API}/.default`);
const { roles, azpacr } = decodeJwt(token);
if (azpacr !== '2' || roles[0] !== 'ToDoList.Read.All') throw new Error(`Unexpected claims: ${azpacr} ${roles}`);
console.log(`client credentials with a certificate: roles ${roles}, azpacr ${azpacr}`);
