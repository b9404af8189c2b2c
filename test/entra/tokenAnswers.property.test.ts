import { AuthError, type INetworkModule } from '@azure/msal-node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMsalNetwork, TokenEndpointError } from '../../src/entra/msalNetwork.ts';
import { createDeviceNetwork } from '../../src/entra/terminal/deviceNetwork.ts';
import type { HttpResponse } from '../../src/runtime/httpClient.ts';
import { changedObjects, changedTexts, jsonObjects, trickyJson } from '../support/arbitraries.ts';
import { VirtualClock } from '../support/VirtualClock.ts';

const tokenEndpoint = 'https://tenant.example/oauth2/v2.0/token';
const deviceEndpoint = 'https://tenant.example/oauth2/v2.0/devicecode';
const soundCode = { user_code: 'BCDFGHJKL', device_code: 'a-device-code', interval: 5, expires_in: 900 };
const soundTokens = { token_type: 'Bearer', access_token: 'at', expires_in: 3600 };
const soundError = { error: 'authorization_pending', error_description: 'AADSTS70016: not yet' };

const waits = fc.oneof(
  fc.constantFrom('0', '5', '300', '301', '9999', '99999', '-1', '1.5', '1e3', '0x10', ' 5', '5, 6', 'Infinity', ''),
  fc.nat().map(String),
  fc.date().map(String),
  fc.string(),
);
const statuses = fc.oneof({ arbitrary: fc.constantFrom(200, 400), weight: 4 }, fc.integer({ min: 100, max: 599 }));

/** Any answer of a token endpoint: near a sound one, or nothing like one. */
function answers(sound: readonly Readonly<Record<string, unknown>>[]): fc.Arbitrary<HttpResponse> {
  const near = sound.flatMap((document) => [changedObjects(document), fc.constant(document)]);
  const bodies = fc.oneof(
    fc.oneof(...near, jsonObjects()).map((body) => JSON.stringify(body)),
    changedTexts(JSON.stringify(sound[0])),
    trickyJson.map((body) => JSON.stringify(body)),
    fc.string({ unit: 'binary' }),
  );
  const headers = fc.oneof(
    fc.constant({}),
    waits.map((wait) => ({ 'retry-after': wait })),
  );
  return fc.record({ status: statuses, headers, body: bodies });
}

async function outcome(network: INetworkModule, url: string) {
  try {
    return { body: (await network.sendPostRequestAsync<Record<string, unknown>>(url)).body };
  } catch (error) {
    return { error };
  }
}

function expectSoundWait(error: unknown): void {
  const seconds = error instanceof TokenEndpointError ? error.retryAfterSeconds : undefined;
  if (seconds !== undefined) expect(Number.isInteger(seconds) && seconds >= 0 && seconds <= 300).toBe(true);
}

describe('createMsalNetwork', () => {
  it('passes any response to MSAL as an OAuth response or rejects it, and waits at most five minutes', async () => {
    const check = async (answer: HttpResponse) => {
      const network = createMsalNetwork({ request: async () => answer }, tokenEndpoint);
      const { body, error } = await outcome(network, tokenEndpoint);
      if (error) expect(error).toBeInstanceOf(TokenEndpointError);
      else if (typeof body?.error !== 'string') expect(body?.token_type).toMatch(/^bearer$/i);
      expectSoundWait(error);
    };
    // It once threw a TypeError.
    const found = { status: 200, headers: {}, body: '{"token_type":{"toString":1}}' };
    const property = fc.asyncProperty(answers([soundTokens, soundError]), check);
    await fc.assert(property, { numRuns: 500, examples: [[found]] });
  });
});

describe('createDeviceNetwork', () => {
  it('shows of any answer only a code that a person can type, within its times, or refuses it', async () => {
    const check = async (answer: HttpResponse) => {
      const clock = new VirtualClock();
      const { signal } = new AbortController();
      const http = { request: async () => answer };
      const network = createDeviceNetwork({ http, tokenEndpoint, signal, clock });
      const { body, error } = await outcome(network, deviceEndpoint);
      if (error) {
        expect(error).toBeInstanceOf(AuthError);
        return;
      }
      expect(body?.user_code).toMatch(/^[A-Za-z0-9 -]{1,32}$/);
      expect(body?.device_code).toBeTypeOf('string');
      expect(body?.interval).toSatisfy((seconds: number) => seconds >= 5 && seconds <= 60);
      expect(body?.expires_in).toSatisfy((seconds: number) => seconds > 0 && seconds <= 1800);
    };
    await fc.assert(fc.asyncProperty(answers([soundCode, soundError]), check), { numRuns: 300 });
  });

  it('comes to an end with any polls, and never later than the code', async () => {
    const check = async (polls: readonly HttpResponse[]) => {
      const clock = new VirtualClock();
      const { signal } = new AbortController();
      const given = { status: 200, headers: {}, body: JSON.stringify(soundCode) };
      const pending = { status: 400, headers: {}, body: JSON.stringify(soundError) };
      const queue = [given, ...polls];
      const http = { request: async () => queue.shift() ?? pending };
      const network = createDeviceNetwork({ http, tokenEndpoint, signal, clock });
      await network.sendPostRequestAsync(deviceEndpoint);
      const { body, error } = await outcome(network, tokenEndpoint);
      if (error) expect(error).toBeInstanceOf(AuthError);
      else expect(body?.token_type).toMatch(/^bearer$/i);
      expect(clock.waits.every((seconds) => seconds >= 0 && seconds <= 900)).toBe(true);
      expect(clock.waits.reduce((sum, seconds) => sum + seconds, 0)).toBeLessThanOrEqual(900.001);
    };
    const polls = fc.array(answers([soundError, soundTokens, { ...soundError, error: 'slow_down' }]), { maxLength: 6 });
    // It once ended the waiting, because the error was not read beside a description that is no text.
    const found = { status: 400, headers: {}, body: '{"error":"authorization_pending","error_description":0}' };
    await fc.assert(fc.asyncProperty(polls, check), { numRuns: 400, examples: [[[found]]] });
  });
});
