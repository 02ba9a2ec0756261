/** Lists of pending approvals, for platform tests without an engine. */

import type { Handlers } from '../../../src/core/ports/ports.ts';
import { mine } from '../../../src/core/view/list-query.ts';
import type { PendingList } from '../../../src/core/view/lists/pending-list.ts';
import type { Readers } from '../../../src/engine/background/readers.ts';

/** No pending approvals. */
export const emptyList: PendingList = {
  query: mine('message'),
  heading: 'No pending requests for you',
  notice: null,
  items: [],
  notes: [],
  pages: null,
  turns: [],
};

export const noLists: Pick<Handlers, 'onList' | 'onHome' | 'onFormNotShown' | 'onFormClosed' | 'onForeignPress'> = {
  onList: async () => emptyList,
  onHome: async () => {},
  onFormClosed: async () => {},
  onFormNotShown: async () => {},
  onForeignPress: async () => {},
};

/** Everybody reads every room. */
export const allReaders: Readers = {
  readableBy: async (_who, approvals) => ({ readable: approvals, hidden: 0, unchecked: 0 }),
};
