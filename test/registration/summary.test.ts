import ejs from 'ejs';
import { expect, it } from 'vitest';
import { summaryTemplate } from '../../src/registration/configure.ts';

const clientId = '00001111-aaaa-2222-bbbb-3333cccc4444';
const summary = {
  tenant: { id: clientId, displayName: 'Contoso' },
  isLocal: false,
  apps: [{ displayName: 'To-do web app', clientId, setting: 'CLIENT_ID' }],
  userFlow: 'Sign up',
};

it('the summary links to each application in the admin center', async () => {
  const page = await ejs.renderFile(summaryTemplate, summary);
  expect(page).toMatch(
    /<a href="https:\/\/entra\.microsoft\.com\/#view\/[^"]*\/appId\/00001111-[^"]*">To-do web app<\/a>/,
  );
  expect(page).toContain('<code>CLIENT_ID</code>');
});

it('the summary of a local tenant has no links', async () => {
  expect(await ejs.renderFile(summaryTemplate, { ...summary, isLocal: true })).not.toContain('href');
});

it('names from the tenant stay text in the summary', async () => {
  const name = `<img src=x onerror="alert('1')">&`;
  const page = await ejs.renderFile(summaryTemplate, {
    tenant: { id: '"><b>', displayName: name },
    isLocal: false,
    apps: [{ displayName: name, clientId: '"><b>', setting: '<b>' }],
    userFlow: name,
  });
  expect(page).not.toMatch(/<img|"><b>|<code><b>/);
  expect(page.split('&lt;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&gt;&amp;')).toHaveLength(5);
});
