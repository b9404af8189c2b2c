import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { claimsOf } from './apiHarness.ts';
import { holdsFor, startVerifier, type Verifier } from './verifierHarness.ts';

let verifier: Verifier;

beforeAll(async () => {
  verifier = await startVerifier();
});

afterAll(() => verifier.tenant.stop());

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url');

const binary = fc.string({ unit: 'binary', maxLength: 200 });
const base64url = fc.base64String({ maxLength: 200 }).map((text) => text.replaceAll('+', '-').replaceAll(/[/=]/g, '_'));
const json = fc.jsonValue({ maxDepth: 3 });

describe('whatever is sent for an access token', () => {
  it('is refused as Authorization values of any number and kind', () =>
    holdsFor(
      [
        fc.array(
          fc.tuple(fc.constantFrom('', 'Bearer '), binary).map((texts) => texts.join('')),
          { maxLength: 3 },
        ),
      ],
      (authorization) => verifier.expectProblem(authorization),
    ));

  it('is refused as three parts of any content', () =>
    holdsFor([fc.oneof(base64url, json.map(encoded)), fc.oneof(base64url, json.map(encoded)), base64url], (...parts) =>
      verifier.expectRefused(parts.join('.')),
    ));

  it('is refused with any header over good claims and their signature', () =>
    holdsFor(
      [fc.dictionary(fc.oneof(fc.constantFrom('alg', 'typ', 'kid', 'crit', 'b64', 'jwk', 'zip'), fc.string()), json)],
      async (header) => {
        const [, payload, signature] = verifier.token().split('.');
        await verifier.expectRefused([encoded(header), payload, signature].join('.'));
        const { kid } = verifier.tenant.key;
        await verifier.expectRefused(
          [encoded({ alg: 'RS256', typ: 'JWT', kid, ...header }), payload, signature].join('.'),
        );
      },
    ));
});

type Change = (text: string, at: number, by: string) => string;
const changes: readonly Change[] = [
  (text, at, by) => text.slice(0, at) + by + text.slice(at + by.length),
  (text, at, by) => text.slice(0, at) + by + text.slice(at),
  (text, at) => text.slice(0, at) + text.slice(at + 1),
  (text, at) => text.slice(0, at),
  (text, at) => text.slice(at),
  (text, at) => text.slice(at) + text.slice(0, at),
  (text, at) => text.slice(0, at) + text.slice(at).toUpperCase(),
  (text) => [...text].reverse().join(''),
];
const partOrders = ['1 0 2', '0 2 1', '2 1 0', '0 0 2', '0 1 1', '1 1 2', '0 1', '0 1 2 2', '0 1 2 1 0'];

describe('a valid access token', () => {
  it('is refused after any change', () => {
    const token = verifier.token();
    const by = fc.oneof(
      base64url,
      fc.string({ unit: 'binary-ascii', maxLength: 3 }),
      fc.constantFrom('A', '.', '=', '-', '\0'),
    );
    return holdsFor([fc.constantFrom(...changes), fc.nat(token.length - 1), by], async (change, at, replacement) => {
      const changed = change(token, at, replacement);
      // White space around a token is none of it.
      if (changed.trim() !== token) await verifier.expectRefused(changed);
    });
  });

  it('is refused with any single character replaced', async () => {
    const token = verifier.token();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const [at, old] of [...token].entries()) {
      const next = alphabet[(alphabet.indexOf(old) + 1) % alphabet.length];
      await verifier.expectRefused(`${token.slice(0, at)}${next}${token.slice(at + 1)}`);
    }
  });

  it.each(partOrders)('is refused with its parts in the order %s', async (order) => {
    const parts = verifier.token().split('.');
    await verifier.expectRefused(order.replaceAll(' ', '.').replaceAll(/\d/g, (index) => parts[Number(index)] ?? ''));
  });

  it('is refused with any claims but its own under its signature', () =>
    holdsFor(
      [fc.dictionary(fc.constantFrom(...Object.keys(claimsOf(verifier.tenant))), json, { minKeys: 1 })],
      async (changed) => {
        const [header, payload, signature] = verifier.token().split('.');
        const other = encoded({ ...claimsOf(verifier.tenant), ...changed });
        if (other !== payload) await verifier.expectRefused([header, other, signature].join('.'));
      },
    ));
});
