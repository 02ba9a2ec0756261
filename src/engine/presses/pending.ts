/** Lists of pending approvals, private to one person. Tested in test/engine/background/home-tabs.test.ts. */
import type { Person } from '../../core/approval/person.ts';
import type { Clock, Handlers, Log, Press, PressAnswer, Store } from '../../core/ports/ports.ts';
import type { ListQuery } from '../../core/view/list-query.ts';
import { doneText, notDoneText } from '../../core/view/lists/pending-item.ts';
import type { PendingList } from '../../core/view/lists/pending-list.ts';
import type { HomeTabsWorker } from '../background/home-tabs.ts';
import type { ListReader } from '../background/list-reader.ts';

/** Items on a page of a private message: more would exceed the limits of either platform. */
export const MESSAGE_PAGE = 3;

export interface PendingLists extends Pick<Handlers, 'onList' | 'onHome'> {
  /** After a press in a list: the list again, so that no stale button stays. */
  redraw(press: Press, spot: ListQuery, answer: PressAnswer): Promise<PressAnswer>;
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

  async function listFor(who: Person, query: ListQuery, notice: string | null): Promise<PendingList> {
    const startedAt = clock.monotonic();
    const list = await lists.read({ who, query, size: MESSAGE_PAGE, notice });
    const { platform, id: actor } = who.actor;
    const ms = Math.round(clock.monotonic() - startedAt);
    log.info({ platform, actor, filter: query.filter.type, shown: list.items.length, ms }, 'list');
    return list;
  }

  /** The line above the list; null where the answer is not shown in the list. */
  async function noticeOf({ buttonId }: Press, answer: PressAnswer): Promise<string | null> {
    if (answer.type !== 'accepted' && answer.type !== 'refused' && answer.type !== 'notified') return null;
    const approval = await store.get(buttonId.approvalId);
    if (answer.type !== 'accepted') return notDoneText(answer.text, approval);
    return doneText(buttonId.action, approval, backendTitle(approval?.pause.backend ?? ''));
  }

  return {
    onList: ({ who, query }) => listFor(who, query, null),

    onHome: ({ who, query }) => homeTabs.show({ who, query }, null),

    async redraw(press, query, answer) {
      // The form comes back with the same list, also when it is filled in again.
      if ('form' in answer)
        return { ...answer, form: { ...answer.form, buttonId: { ...answer.form.buttonId, list: query } } };
      try {
        const notice = await noticeOf(press, answer);
        if (notice === null) return answer;
        const { actor, roles } = press;
        if (query.surface === 'home') {
          homeTabs.show({ who: { actor }, query }, notice).catch((error: unknown) => {
            log.warn({ platform: actor.platform, actor: actor.id, err: error }, 'home tab not redrawn after a press');
          });
          return answer;
        }
        const refused = answer.type === 'refused' ? answer.text : null;
        return { type: 'list', list: await listFor({ actor, roles }, query, notice), refused };
      } catch (error) {
        // The press is recorded; only its list can't be shown.
        log.warn({ press: press.id, err: error }, 'list not redrawn after a press');
        return answer;
      }
    },
  };
}
