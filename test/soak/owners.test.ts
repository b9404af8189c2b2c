import { test } from 'vitest';
import { expectOwnPages } from '../support/ownPages.ts';

test('50 customers who load 200 pages each at once, half of them with token renewals, see only their own', () =>
  expectOwnPages(50, 200));
