import { fileURLToPath } from 'node:url';
import ejs from 'ejs';
import type { Application, Response } from 'express';
import { maxDescriptionLength } from '../models/todo.ts';
import type { DescribedClaim } from './claims.ts';
import type { TodosPage } from './todosPage.ts';

declare global {
  namespace Express {
    /** Set by middleware for the layout of every page. */
    interface Locals {
      /** Present exactly when a customer is signed in; empty for one without a name. */
      customerName?: string;
      /** Present when the page may carry forms. */
      csrfToken?: string;
      requestId: string;
    }
  }
}

/** The data of each page. The key is the view's file name. */
export interface PageData {
  index: { notice?: 'cancelled' };
  id: { claims: readonly DescribedClaim[] };
  todos: TodosPage;
  signout: Record<string, never>;
  'signed-out': Record<string, never>;
  /** `text` is what the customer wrote in the form that failed, so that they can copy it. `code` is the tenant's. */
  error: {
    heading: string;
    message: string;
    action: { label: string; href: string };
    code?: string | undefined;
    text?: string;
  };
}

const titles: { readonly [Page in keyof PageData]: (data: PageData[Page]) => string } = {
  index: () => 'Home',
  id: () => 'Your claims',
  // A screen reader reads the title first.
  todos: ({ isRefused }) => (isRefused ? 'Error: Your to-do list' : 'Your to-do list'),
  signout: () => 'Sign out',
  'signed-out': () => 'You are signed out',
  error: ({ heading }) => heading,
};

/** The links in the header of a signed-in customer. */
const navigation: readonly { page: keyof PageData; href: string; label: string }[] = [
  { page: 'index', href: '/', label: 'Home' },
  { page: 'id', href: '/users/id', label: 'Your claims' },
  { page: 'todos', href: '/todos', label: 'To-do list' },
];

/** Makes the views available to an app. Includes start at the folder of the views: EJS looks relative ones up on disk every time. */
export function useViews(app: Application): void {
  const root = fileURLToPath(new URL('../../views', import.meta.url));
  app.set('views', root);
  app.set('view engine', 'ejs');
  app.engine('ejs', (path, data, done) => {
    ejs.renderFile(path, data, { root, cache: app.enabled('view cache') }, done);
  });
}

/** Renders a page with the data of its view and of the layout, unless the browser has gone meanwhile. */
export function renderPage<Page extends keyof PageData>(res: Response, page: Page, data: PageData[Page]): void {
  if (res.closed) return;
  const { customerName, csrfToken, requestId } = res.locals;
  res.render(page, {
    page,
    navigation,
    title: `${titles[page](data)} - External ID sample`,
    data,
    customerName,
    csrfToken,
    requestId,
    maxDescriptionLength,
  });
}
