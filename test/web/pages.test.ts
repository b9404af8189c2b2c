import express from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { maxDescriptionLength } from '../../src/models/todo.ts';
import { describeClaims } from '../../src/web/claims.ts';
import { type PageData, renderPage, useViews } from '../../src/web/pages.ts';
import { todosPage } from '../../src/web/todosPage.ts';

const alice = { customerName: 'Alice Example', csrfToken: 'csrf-of-alice' };
const owner = 'a1c2e3f4-1111-4222-8333-444455556666';
const milk = { id: 1, owner, description: 'Buy milk' };
const list = { todos: [milk, { id: 22, owner, description: 'Call the dentist' }], next: undefined };
const failure = { heading: 'That went wrong', message: 'Nothing was changed.', action: { label: 'Home', href: '/' } };
const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '{{7*7}}',
  '<%= 1 %>',
  'javascript:alert(1)',
  '</title><base href=//evil.example>',
];

async function render<Page extends keyof PageData>(page: Page, data: PageData[Page], locals = {}): Promise<string> {
  const app = express();
  useViews(app);
  app.get('/', (_req, res) => {
    Object.assign(res.locals, { requestId: 'request-7' }, locals);
    renderPage(res, page, data);
  });
  const response = await request(app).get('/');
  expect(response.status).toBe(200);
  return response.text;
}

const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => signs[sign] ?? '');
const formsOf = (html: string) => html.match(/<form[\s\S]*?<\/form>/g) ?? [];
const formTo = (html: string, action: string) =>
  formsOf(html).find((form) => form.includes(` action="${action}"`)) ?? '';

const everyPage: readonly [name: string, title: string, render: (locals: object) => Promise<string>][] = [
  ['index', 'Home', (locals) => render('index', { notice: 'cancelled' }, locals)],
  ['id', 'Your claims', (locals) => render('id', { claims: describeClaims({ oid: owner, extra: 1 }) }, locals)],
  ['todos', 'Your to-do list', (locals) => render('todos', todosPage(list), locals)],
  ['signout', 'Sign out', (locals) => render('signout', {}, locals)],
  ['signed-out', 'You are signed out', (locals) => render('signed-out', {}, locals)],
  ['error', 'That went wrong', (locals) => render('error', failure, locals)],
];

describe.each(everyPage)('the page %s', (name, title, renderWith) => {
  it.each([
    ['signed in', alice],
    ['signed out', {}],
  ])('has a title, one heading, landmarks and no script, style or foreign address when %s', async (_state, locals) => {
    const html = await renderWith(locals);
    expect(html).toContain('<html lang="en">');
    expect(html).toContain(`<title>${title} - External ID sample</title>`);
    expect(html.match(/<h1[ >]/g)).toHaveLength(1);
    expect(html.match(/<main id="main"/g)).toHaveLength(1);
    expect(html).toContain('<a class="skip" href="#main">');
    expect(html).toContain('href="/assets/app.css"');
    expect(html).not.toMatch(/<script|<style|\sstyle=|\son\w+=|javascript:|https?:|"\/\//i);
  });

  it('has the navigation and one sign-out button when signed in, and neither when signed out', async () => {
    const html = await renderWith(alice);
    expect(html).toContain('<nav aria-label="Main">');
    expect(html.match(/>Sign out<\/button>/g)).toHaveLength(1);
    expect(html.match(/aria-current="page"/g) ?? []).toHaveLength(['index', 'id', 'todos'].includes(name) ? 1 : 0);
    const stranger = await renderWith({});
    expect(stranger).not.toContain('<nav');
    expect(stranger).not.toContain('/auth/signout');
  });

  it('carries the CSRF token in each of its forms', async () => {
    const forms = formsOf(await renderWith(alice));
    expect(forms).not.toHaveLength(0);
    for (const form of forms) {
      expect(form).toContain('method="post"');
      expect(form).toContain('<input type="hidden" name="_csrf" value="csrf-of-alice">');
    }
  });
});

describe('the home page', () => {
  it('offers anonymous visitors sign-in and sign-up, and says when sign-in was cancelled', async () => {
    const html = await render('index', {});
    expect(html).toContain('href="/auth/signin">Sign in</a>');
    expect(html).toContain('href="/auth/signin?prompt=create">Create account</a>');
    expect(html).not.toContain('cancelled');
    expect(await render('index', { notice: 'cancelled' })).toContain('Sign-in was cancelled.');
  });

  it('greets a customer by name and links to claims and to-dos', async () => {
    const html = await render('index', {}, alice);
    expect(html).toContain('<h1>Hello, Alice Example</h1>');
    expect(html).toContain('<a href="/users/id">Your claims</a></h2>');
    expect(html).toContain('<a href="/todos">Your to-do list</a></h2>');
    expect(html).not.toContain('/auth/signin');
  });
});

describe('a customer without a name', () => {
  const nameless = { ...alice, customerName: '' };

  it('is greeted without one, and has the pages and the sign-out button of a customer', async () => {
    const html = await render('index', {}, nameless);
    expect(html).toContain('<h1>Hello</h1>');
    expect(html).not.toContain('class="who"');
    expect(html).toContain('<nav aria-label="Main">');
    expect(formTo(html, '/auth/signout')).toContain('>Sign out</button>');
    expect(await render('signout', {}, nameless)).toContain('You are signed in. Signing out ends');
  });
});

describe('the claims page', () => {
  it('shows each claim with its value, its meaning and whether it is an identifier', async () => {
    const claims = { oid: owner, email: 'alice@example.com', loyalty: 'gold', note: '' };
    const rows = (await render('id', { claims: describeClaims(claims) }, alice)).match(
      /<tr role="row">[\s\S]*?<\/tr>/g,
    );
    const [, email, oid, loyalty, note] = rows ?? [];
    expect(email).toMatch(/alice@example\.com[\s\S]*The email address[\s\S]*>No<\/strong> The customer or/);
    expect(oid).toMatch(/>Yes<\/strong> Together with tid/);
    expect(loyalty).toMatch(/gold[\s\S]*Added by this tenant’s configuration\.[\s\S]*Unknown\./);
    expect(note).toContain('(empty)');
  });
});

describe('the to-do page', () => {
  it('says when the list is empty', async () => {
    expect(await render('todos', todosPage({ todos: [], next: undefined }), alice)).toContain('Nothing to do yet.');
    expect(await render('todos', todosPage(list), alice)).not.toContain('Nothing to do yet.');
  });

  it('has a form to change and one to remove each to-do', async () => {
    const html = await render('todos', todosPage(list), alice);
    expect(html).toMatch(/<summary><span class="text">Call the dentist<\/span> <span class="toggle">Change</);
    expect(formTo(html, '/todos/22')).toContain('value="Call the dentist"');
    expect(formTo(html, '/todos/22/delete')).toContain(
      '<button class="quiet">Remove<span class="unseen"> Call the dentist</',
    );
    expect(html).not.toMatch(/ open>|aria-invalid|Error:/);
    // The form that adds and the form of each to-do accept no more than a to-do may hold.
    expect(html.match(/<input type="text"/g)).toHaveLength(3);
    expect(html.split(` maxlength="${maxDescriptionLength}"`)).toHaveLength(4);
  });

  it.each([undefined, 404])('shows a refused text in the form that adds a to-do when its id is %s', async (id) => {
    const draft = { ...(id && { id }), description: 'Too "long"', error: 'Use fewer.' };
    const html = await render('todos', todosPage(list, undefined, draft), alice);
    const form = formTo(html, '/todos');
    expect(form).toContain('<p class="problem" id="new-problem">Use fewer.</p>');
    expect(form).toMatch(
      /id="new" [^>]*value="Too &#34;long&#34;"[^>]* aria-invalid="true" aria-describedby="new-problem"/,
    );
    expect(html.match(/aria-invalid/g)).toHaveLength(1);
    expect(html).toContain('<title>Error: Your to-do list - ');
  });

  it('shows a refused change in a form for the same to-do while the list is unavailable', async () => {
    const draft = { id: 22, description: 'Half a change', error: 'Try again.' };
    const html = await render('todos', todosPage(undefined, undefined, draft), alice);
    expect(formTo(html, '/todos/22')).toMatch(/value="Half a change"[^>]* aria-describedby="new-problem"/);
    expect(html).toContain('Your list cannot be shown right now.');
    expect(formTo(await render('todos', todosPage(undefined), alice), '/todos')).toContain('>Add</button>');
  });

  it('shows a refused change in the opened form of its to-do, whose text stays as it is', async () => {
    const draft = { id: 22, description: 'Half a change', error: 'Use fewer.' };
    const html = await render('todos', todosPage(list, undefined, draft), alice);
    expect(html.match(/<details open>[\s\S]*?<\/details>/g)).toEqual([expect.stringContaining('>Call the dentist<')]);
    expect(formTo(html, '/todos/22')).toMatch(/value="Half a change"[^>]* aria-describedby="todo-22-problem"/);
    expect(formTo(html, '/todos')).toContain('id="new" name="description" value=""');
  });
});

describe('a later page of the list', () => {
  const later = todosPage({ ...list, next: 1 }, 23);

  it('links to the newest and to older to-dos; the first page only to older ones, and the only page to none', async () => {
    const html = await render('todos', later, alice);
    expect(html).toContain('<a href="/todos">Newest to-dos</a>');
    expect(html).toContain('<a href="/todos?after=1" rel="next">Older to-dos</a>');
    const first = await render('todos', todosPage({ ...list, next: 1 }), alice);
    expect([first.includes('Newest to-dos'), first.includes('Older to-dos')]).toEqual([false, true]);
    expect(await render('todos', todosPage(list), alice)).not.toContain('class="pages"');
  });

  it('has forms that return to it, but for a new to-do, which is on the first page', async () => {
    const html = await render('todos', later, alice);
    for (const action of ['/todos/22?after=23', '/todos/22/delete?after=23', '/todos']) {
      expect(formTo(html, action)).not.toBe('');
    }
  });

  it('that has become empty does not claim that there are no to-dos', async () => {
    const html = await render('todos', todosPage({ todos: [], next: undefined }, 23), alice);
    expect(html).toContain('There are no older to-dos.');
    expect(html).not.toContain('Nothing to do yet.');
  });
});

describe('the other pages', () => {
  it('ask a customer before signing out, and tell anonymous visitors that they are not signed in', async () => {
    expect(formTo(await render('signout', {}, alice), '/auth/signout')).toContain('Stay signed in</a>');
    expect(await render('signout', {})).toContain('You are not signed in');
  });

  it('link onwards from the signed-out page and from an error, which shows its request id', async () => {
    expect(await render('signed-out', {})).toContain('href="/auth/signin">Sign in again</a>');
    const html = await render('error', failure);
    expect(html).toContain('<h1>That went wrong</h1>');
    expect(html).toContain('Nothing was changed.');
    expect(html).toContain('href="/">Home</a>');
    expect(html).toContain('<code>request-7</code>');
    expect(html).not.toContain('to copy');
    expect(await render('error', { ...failure, text: 'Buy milk' })).toContain('<p class="panel">Buy milk</p>');
  });
});

describe.each(hostile)('the hostile text %s', (text) => {
  it('A-81 is shown as text, never as markup or a link', async () => {
    const pages = await Promise.all([
      render('todos', todosPage({ todos: [{ ...milk, description: text }], next: undefined }), {
        ...alice,
        customerName: text,
      }),
      render('todos', todosPage(list, undefined, { id: 1, description: text, error: text }), alice),
      render('todos', todosPage(list, undefined, { description: text, error: text }), alice),
      render('id', { claims: describeClaims({ [text]: text }) }, { ...alice, csrfToken: text }),
      render('error', { ...failure, heading: text, message: text, text }, { requestId: text }),
      render('signout', {}, { ...alice, customerName: text }),
      render('index', {}, { ...alice, customerName: text }),
    ]);
    for (const html of pages) {
      expect(html).toContain(escaped(text));
      expect(html).not.toMatch(/<script|<img src=x|<%=|<base|href="javascript:/);
    }
  });
});
