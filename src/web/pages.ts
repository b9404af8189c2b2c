import { fileURLToPath } from 'node:url';
import ejs from 'ejs';
import type { Application, Response } from 'express';
import { maxDescriptionLength, type Todo } from '../models/todo.ts';
import type { DescribedClaim } from './claims.ts';

declare global {
  namespace Express {
    /** What middleware writes for the layout of every page. */
    interface Locals {
      /** Present exactly when a customer is signed in. */
      customerName?: string;
      /** Present when the page may carry forms. */
      csrfToken?: string;
      requestId: string;
    }
  }
}

/** What each page shows; the key is the view's file name. */
export interface PageData {
  index: { notice?: 'cancelled' };
  id: { claims: readonly DescribedClaim[] };
  /** `todos` is undefined when the list cannot be read just now: the customer's draft is shown all the same. */
  todos: { todos: readonly Todo[] | undefined; draft?: RefusedTodo };
  signout: Record<string, never>;
  'signed-out': Record<string, never>;
  /** `text` is what the customer wrote in the form that failed, to be copied. */
  error: { heading: string; message: string; action: { label: string; href: string }; text?: string };
}

/** A refused form of the to-do page, so that the customer's text comes back with the reason. */
export interface RefusedTodo {
  /** The to-do that was to change; without it, the form that adds one. */
  id?: number;
  description: string;
  error: string;
}

const titles: { readonly [Page in keyof PageData]: (data: PageData[Page]) => string } = {
  index: () => 'Home',
  id: () => 'Your claims',
  // A screen reader says the title first, so it is the first to tell that a form came back.
  todos: ({ draft }) => (draft ? 'Error: Your to-do list' : 'Your to-do list'),
  signout: () => 'Sign out',
  'signed-out': () => 'You are signed out',
  error: ({ heading }) => heading,
};

/** Lets an app render the views. Their includes begin at the folder of the views: a relative one would cost a look at the disk each time. */
export function useViews(app: Application): void {
  const root = fileURLToPath(new URL('../../views', import.meta.url));
  app.set('views', root);
  app.set('view engine', 'ejs');
  app.engine('ejs', (path, data, done) => {
    ejs.renderFile(path, data, { root, cache: app.enabled('view cache') }, done);
  });
}

/** Renders a page with exactly what its view and the layout read. */
export function renderPage<Page extends keyof PageData>(res: Response, page: Page, data: PageData[Page]): void {
  const { customerName, csrfToken, requestId } = res.locals;
  res.render(page, {
    page,
    title: `${titles[page](data)} - External ID sample`,
    data,
    customerName,
    csrfToken,
    requestId,
    maxDescriptionLength,
  });
}
