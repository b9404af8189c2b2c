import { test } from 'vitest';
import { expectOwnPages } from '../support/ownPages.ts';

test('20 customers who load 20 pages each at once, half of them with token renewals, see only their own', () =>
  expectOwnPages(20, 20));
