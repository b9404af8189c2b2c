import { describe, expect, test } from 'vitest';
import { ManifestError, readManifest } from '../../src/registration/manifest.ts';
import { sample, sampleDocument, sampleText } from './states.ts';

function problemsOf(text: string): readonly string[] {
  try {
    readManifest(text);
  } catch (error) {
    if (error instanceof ManifestError) return error.problems;
    throw error;
  }
  return [];
}

describe('the sample manifest', () => {
  test('is valid, and its URLs follow from the origin', () => {
    expect(sample.web.redirectUris).toEqual([
      'http://localhost:3000/auth/redirect',
      'http://localhost:3000/auth/signed-out',
    ]);
    expect(sample.api.scopes.map(({ value }) => value)).toEqual(['ToDoList.Read', 'ToDoList.ReadWrite']);
    expect(sample.web.idTokenClaims).toEqual(['login_hint', 'sid', 'email', 'acrs']);
  });

  test('has a front-channel logout URL for https only, because Entra accepts no other', () => {
    expect(sample.web.logoutUrl).toBeUndefined();
    const deployed = readManifest(sampleText, { baseUrl: 'https://todo.example.com/' });
    expect(deployed.web.logoutUrl).toBe('https://todo.example.com/auth/front-channel-logout');
    expect(deployed.web.redirectUris[0]).toBe('https://todo.example.com/auth/redirect');
  });

  test('takes the name and the sign-in method from the command line', () => {
    const changed = readManifest(sampleText, { namePrefix: 'fabrikam', signInMethod: 'code' });
    expect([changed.namePrefix, changed.userFlow.signInMethod]).toEqual(['fabrikam', 'code']);
  });

  test('is not valid with invalid values from the command line', () => {
    expect(() => readManifest(sampleText, { namePrefix: "it's" })).toThrow('namePrefix: must be lower-case letters');
    expect(() => readManifest(sampleText, { signInMethod: 'sms' })).toThrow('must be "password" or "code"');
  });
});

describe('a manifest', () => {
  test('with several problems is refused with all of them', () => {
    const document = sampleDocument();
    delete document.api.displayName;
    document.web.baseUrl = 'http://todo.example.com';
    document.headless.redirectUris = ['http://somewhere.example.com'];
    document.userFlow.attributes[0].id = 'favouriteColour';
    document.colour = 'blue';
    const problems = problemsOf(JSON.stringify(document));
    expect(problems).toHaveLength(5);
    for (const where of [
      'api.displayName: is missing',
      'web.baseUrl: must be https',
      'headless.redirectUris.0: must',
    ]) {
      expect(problems.join('\n')).toContain(where);
    }
    expect(problems.join('\n')).toContain('userFlow.attributes.0.id: must be one of city,');
    expect(problems.join('\n')).toContain('"colour"');
  });

  test('with two permissions of the same id or name is refused', () => {
    const [first] = sampleDocument().api.scopes;
    const twice = sampleDocument();
    twice.api.scopes = [first, { ...first, value: 'ToDoList.Other' }];
    expect(problemsOf(JSON.stringify(twice))).toEqual(['api.scopes: must not have two entries with the same id']);
  });

  test('with the same id or name for a scope and a role is refused', () => {
    const document = sampleDocument();
    document.api.appRoles[0].id = document.api.scopes[0].id;
    expect(problemsOf(JSON.stringify(document))).toEqual([
      'api: must not have a scope and a role with the same id or value',
    ]);
  });

  test.each(['{', '[]', 'null', '""'])('that is %j is refused', (text) => {
    expect(problemsOf(text)).not.toEqual([]);
  });
});
