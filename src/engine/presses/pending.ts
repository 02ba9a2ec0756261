/** Lists of pending approvals, private to one person. Tested in test/engine/background/home-tabs.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { Person } from '../../core/approval/person.ts';
import type { Clock, Handlers, Log, Press, PressAnswer, Store } from '../../core/ports/ports.ts';
import type { ListQuery } from '../../core/view/list-query.ts';
import { doneText, notDoneText } from '../../core/view/lists/pending-item.ts';
import type { PendingList } from '../../core/view/lists/pending-list.ts';
import type { HomeTabsWorker } from '../background/home-tabs.ts';
import type { ListReader } from '../background/list-reader.ts';
import type { Handled, Ready } from './contract.ts';

/** Items on a page of a private message: more would exceed the limits of either platform. */
export const MESSAGE_PAGE = 3;

export interface PendingLists extends Pick<Handlers, 'onList' | 'onHome'> {
  /** For a press in a list: the list again, so that no stale button stays. */
  redraw(press: Press, query: ListQuery): Redrawing;
}

/** What a press in a list did: a line above it, and its approval by then. */
interface Said {
  notice?: string | null;
  state?: Approval | null;
}

export interface Redrawing {
  /** Right before the press is committed: from here on the list is read. */
  begin: Ready;
  /** Never rejects. */
  after(handled: Handled): Promise<PressAnswer>;
}

export function createPendingLists(deps: {
  store: Store;
  lists: ListReader;
  homeTabs: HomeTabsWorker;
  backendTitle: (backend: string) => string;
  clock: Clock;
  log: Log;
}): PendingLists {
  const { store, lists, homeTabs, backendTitle, clock, log } = deps;

  function listFor(who: Person, query: ListQuery, pressed: string | null): (said?: Said) => Promise<PendingList> {
    const startedAt = clock.monotonic();
    const reading = lists.read({ who, query, size: MESSAGE_PAGE, pressed });
    // Where the press fails, no one asks for its list.
    reading.catch(() => {});
    return async ({ notice = null, state = null } = {}) => {
      const list = (await reading)(notice, state);
      const { platform, id: actor } = who.actor;
      const ms = Math.round(clock.monotonic() - startedAt);
      log.info({ platform, actor, filter: query.filter.type, shown: list.items.length, ms }, 'list');
      return list;
    };
  }

  /** The line above the list; null where the answer is not shown in the list. */
  function noticeOf({ buttonId }: Press, answer: PressAnswer, approval: Approval | null): string | null {
    if (answer.type !== 'accepted' && answer.type !== 'refused' && answer.type !== 'notified') return null;
    if (answer.type !== 'accepted') return notDoneText(answer.text, approval);
    return doneText(buttonId.action, approval, backendTitle(approval?.pause.backend ?? ''));
  }

  async function redrawn(
    press: Press,
    query: ListQuery,
    { answer, state }: Handled,
    reading: ReturnType<typeof listFor> | null,
  ): Promise<PressAnswer> {
    // The form comes back with the same list, also when it is filled in again.
    if ('form' in answer)
      return { ...answer, form: { ...answer.form, buttonId: { ...answer.form.buttonId, list: query } } };
    const approval = state === undefined ? await store.get(press.buttonId.approvalId) : state;
    const notice = noticeOf(press, answer, approval);
    if (notice === null) return answer;
    const { actor, roles } = press;
    if (query.surface === 'home') {
      homeTabs.show({ who: { actor }, query }, notice).catch((error: unknown) => {
        log.warn({ platform: actor.platform, actor: actor.id, err: error }, 'home tab not redrawn after a press');
      });
      return answer;
    }
    const refused = answer.type === 'refused' ? answer.text : null;
    // Where nothing was committed, nothing is read too late.
    const read = reading ?? listFor({ actor, roles }, query, null);
    return { type: 'list', list: await read({ notice, state: approval }), refused };
  }

  return {
    onList: ({ who, query }) => listFor(who, query, null)(),

    onHome: ({ who, query }) => homeTabs.show({ who, query }, null),

    redraw(press, query) {
      let reading: ReturnType<typeof listFor> | null = null;
      return {
        begin() {
          const { actor, roles, buttonId } = press;
          if (query.surface !== 'home') reading = listFor({ actor, roles }, query, buttonId.approvalId);
        },
        async after(handled) {
          try {
            return await redrawn(press, query, handled, reading);
          } catch (error) {
            // The press is recorded; only its list can't be shown.
            log.warn({ press: press.id, err: error }, 'list not redrawn after a press');
            return handled.answer;
          }
        },
      };
    },
  };
}
