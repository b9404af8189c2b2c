import { expect, test } from 'vitest';
import { connectChromium, openWindow } from './chromium.ts';

const policy = '<meta http-equiv="Content-Security-Policy" content="script-src \'none\'">';
const pages: [string, string, RegExp][] = [
  ['asks another machine', '<img src="http://www.example.com/a.png">', /another host: http:\/\/www.example.com\/a.png/],
  ['breaks its own policy', `${policy}<script>1</script>`, /console error: .*Content Security Policy/],
  ['has a failing script', '<script>throw new Error("on purpose")</script>', /script: on purpose/],
];

test.each(pages)('a page that %s is reported', async (_what, html, fault) => {
  const chromium = await connectChromium();
  const { page, faults } = await openWindow(chromium);
  await page.goto(`data:text/html,${encodeURIComponent(html)}`);
  await chromium.close();
  expect(faults.join('\n')).toMatch(fault);
});
