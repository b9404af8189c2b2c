import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type BrowserServer,
  chromium,
  type Page,
} from 'playwright-core';
import { inject } from 'vitest';
import { findSystemProgram, installAdvice } from './systemPrograms.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    chromiumEndpoint: string;
  }
}

/** A browser window: its tabs share cookies with each other, but not with other windows. */
export interface Window {
  readonly context: BrowserContext;
  /** The first tab. */
  readonly page: Page;
  /** Problems that no page may cause: console messages, blocked content, missing files, requests to other hosts. */
  readonly faults: readonly string[];
}

const waitMs = 20_000;

const switches = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Only this machine's names resolve, so a page that depends on the internet fails.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

/** Starts the system's Chromium, without a window, for all test files; they reach it through {@link connectChromium}. */
export async function launchChromium(): Promise<BrowserServer> {
  return await chromium.launchServer(launchOptions());
}

function launchOptions() {
  const executablePath = findSystemProgram('chromium');
  if (!executablePath) throw new Error(`Chromium is missing: ${installAdvice(['chromium'], 'other')}`);
  return {
    executablePath,
    args: switches,
    // Playwright turns off the back/forward cache, which customers' browsers use.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  };
}

/** Connects to the Chromium of this test run. Closing the connection closes the windows that were opened through it. */
export async function connectChromium(): Promise<Browser> {
  return await chromium.connect(inject('chromiumEndpoint'));
}

/** Opens a window without cookies or storage. Every wait in it ends after 20 s. */
export async function openWindow(browser: Browser, options: BrowserContextOptions = {}): Promise<Window> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(waitMs);
  const faults = collectFaults(context);
  return { context, faults, page: await context.newPage() };
}

/**
 * Opens a window of a Chromium of its own, which sends cookies to frames of other sites, as Chrome does. Debian's does not,
 * nor do windows without a profile. Closing the context ends it.
 */
export async function openFrameCookieWindow(options: BrowserContextOptions = {}): Promise<Window> {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  await mkdir(join(profile, 'Default'));
  const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
  await writeFile(join(profile, 'Default/Preferences'), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, { ...options, ...launchOptions() });
  context.on('close', () => void rm(profile, { recursive: true, force: true, maxRetries: 3 }));
  context.setDefaultTimeout(waitMs);
  return { context, faults: collectFaults(context), page: await context.newPage() };
}

function collectFaults(context: BrowserContext): readonly string[] {
  const faults: string[] = [];
  context.on('console', (message) => {
    // Chromium also logs this for pages with a status of 400 or above, which a test may expect.
    const isAboutStatus = message.text().startsWith('Failed to load resource: the server responded with a status of');
    // An info message only says that a test focused a field before the field's autofocus.
    if (!isAboutStatus && message.type() !== 'info') faults.push(`console ${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => faults.push(`script: ${error.error().message}`));
  context.on('response', (response) => {
    const isMissingFile = response.status() >= 400 && !response.request().isNavigationRequest();
    if (isMissingFile) faults.push(`${response.status()} for ${response.url()}`);
  });
  context.on('requestfailed', (request) => faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== 'data:' && !['localhost', '127.0.0.1'].includes(hostname))
      faults.push(`another host: ${request.url()}`);
  });
  return faults;
}
