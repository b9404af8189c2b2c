import { z } from 'zod';
import { Browser } from '../../../test/support/Browser.ts';
import type { RunningTenant } from '../../../test/support/startTenant.ts';
import { seededAdministrator, seededPassword } from '../../src/seed/customers.ts';

export const commandLineTools = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
const permissions = [
  'Application.ReadWrite.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'AppRoleAssignment.ReadWrite.All',
  'EventListener.ReadWrite.All',
  'IdentityUserFlow.ReadWrite.All',
  'Organization.Read.All',
];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

const jsonObject = z.record(z.string(), z.unknown());

interface SignIn {
  readonly email?: string;
  readonly scopes?: readonly string[];
}

/** Gets a token with the device code flow; the person approves the device in a browser. */
export async function signInByDevice(
  { origin, tenantId }: Pick<RunningTenant, 'origin' | 'tenantId'>,
  { email = seededAdministrator.email, scopes = permissions }: SignIn = {},
): Promise<Answer> {
  const post = async (endpoint: string, form: Readonly<Record<string, string>>) => {
    const url = `${origin}/${tenantId}/oauth2/v2.0/${endpoint}`;
    const body = new URLSearchParams({ client_id: commandLineTools, ...form });
    const response = await fetch(url, { method: 'POST', body });
    return { status: response.status, headers: response.headers, body: jsonObject.parse(await response.json()) };
  };
  const names = scopes.map((scope) => `https://graph.microsoft.com/${scope}`);
  const device = await post('devicecode', { scope: ['openid', 'profile', 'offline_access', ...names].join(' ') });
  const browser = new Browser();
  await browser.goto(`${origin}/${tenantId}/oauth2/deviceauth`);
  await browser.submit('Next', { user_code: String(device.body.user_code) });
  await browser.submit('Continue');
  await browser.submit('Next', { email });
  await browser.submit('Sign in', { password: seededPassword });
  return post('token', { grant_type: 'device_code', device_code: String(device.body.device_code) });
}

/** Sends an administrator's requests to Microsoft Graph. */
export class Administrator {
  readonly #url: string;
  readonly #token: string;

  constructor({ origin }: Pick<RunningTenant, 'origin'>, token: string) {
    this.#url = `${origin}/graph/v1.0`;
    this.#token = token;
  }

  static async signIn(tenant: RunningTenant, how: SignIn = {}): Promise<Administrator> {
    const { body } = await signInByDevice(tenant, how);
    return new Administrator(tenant, String(body.access_token));
  }

  /** @param path below /v1.0, or a whole URL */
  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const url = path.startsWith('/') ? this.#url + path : path;
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: jsonObject.parse(text ? JSON.parse(text) : {}) };
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path);
  }

  /** The objects of a list. */
  async list(path: string): Promise<Record<string, unknown>[]> {
    return z.array(jsonObject).parse((await this.get(path)).body.value);
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.ask('POST', path, body);
  }

  patch(path: string, body: unknown): Promise<Answer> {
    return this.ask('PATCH', path, body);
  }

  delete(path: string): Promise<Answer> {
    return this.ask('DELETE', path);
  }

  /** Creates or changes the application with a unique name. */
  upsert(uniqueName: string, body: unknown): Promise<Answer> {
    const path = `/applications(uniqueName='${uniqueName}')`;
    return this.ask('PATCH', path, body, { prefer: 'create-if-missing' });
  }
}

/** The error of an answer: its status, code and message. */
export function problemOf({ status, body }: Answer): [number, unknown, unknown] {
  const { code, message } = jsonObject.parse(body.error);
  return [status, code, message];
}
