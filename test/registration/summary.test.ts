import { expect, it } from 'vitest';
import { summaryPage } from '../../src/registration/summary.ts';

const clientId = '00001111-aaaa-2222-bbbb-3333cccc4444';
const summary = {
  tenant: { id: clientId, displayName: 'Contoso' },
  isLocal: false,
  apps: [{ displayName: 'To-do web app', clientId, settings: ['CLIENT_ID'] }],
  userFlow: 'Sign up',
};

it('the summary leads to each application in the admin center', () => {
  const page = summaryPage(summary);
  expect(page).toMatch(
    /<a href="https:\/\/entra\.microsoft\.com\/#view\/[^"]*\/appId\/00001111-[^"]*">To-do web app<\/a>/,
  );
  expect(page).toContain('<code>CLIENT_ID</code>');
});

it('the summary of a local tenant leads nowhere', () => {
  expect(summaryPage({ ...summary, isLocal: true })).not.toContain('href');
});

it('what a tenant calls things stays text in the summary', () => {
  const name = `<img src=x onerror="alert('1')">&`;
  const page = summaryPage({
    ...{ tenant: { id: '"><b>', displayName: name }, isLocal: false, userFlow: name },
    apps: [{ displayName: name, clientId: '"><b>', settings: [] }],
  });
  expect(page).not.toMatch(/<img|"><b>/);
  expect(page.split('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;')).toHaveLength(5);
});
