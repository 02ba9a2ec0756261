import type { Person } from '../../core/approval/person.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Clock, Handlers, Log, Look, Press, PressAnswer, Store } from '../../core/ports/ports.ts';
import type { ListQuery } from '../../core/view/list-query.ts';
import { doneText, notDoneText } from '../../core/view/lists/pending-item.ts';
import { type PendingList, pendingListOf } from '../../core/view/lists/pending-list.ts';
import type { HomeTabsWorker } from '../background/home-tabs.ts';

/** Items a page of a private message: with more of them it would be cut, by either platform's limits. */
export const MESSAGE_PAGE = 3;

/** What waits, and presses in it: the list is drawn again behind each of them, so that no stale button stays. */
export function createPendingLists(options: {
  store: Store;
  policy: Policy;
  /** What a press does, wherever it comes from. */
  onPress: Handlers['onPress'];
  homeTabs: HomeTabsWorker;
  backendTitle: (backend: string) => string;
  clock: Clock;
  log: Log;
}): Pick<Handlers, 'onPress' | 'onList' | 'onHome'> {
  const { store, policy, onPress, homeTabs, backendTitle, clock, log } = options;

  async function listFor(who: Person, spot: ListQuery, notice: string | null): Promise<PendingList> {
    const startedAt = clock.monotonic();
    const open = await store.list({ open: true });
    const list = pendingListOf(
      open,
      { who, spot, size: MESSAGE_PAGE, notice },
      { policy, backendTitle, now: clock.now() },
    );
    const { platform, id: actor } = who.actor;
    const ms = Math.round(clock.monotonic() - startedAt);
    log.info({ platform, actor, filter: spot.filter.type, open: open.length, shown: list.items.length, ms }, 'list');
    return list;
  }

  /** What its person reads above the list; null where it is not the list's to say. */
  async function noticeOf({ aim }: Press, answer: PressAnswer): Promise<string | null> {
    if (answer.type !== 'accepted' && answer.type !== 'refused') return null;
    const approval = await store.get(aim.approvalId);
    if (answer.type === 'refused') return notDoneText(answer.text, approval);
    return doneText(aim.action, approval, backendTitle(approval?.pause.backend ?? ''));
  }

  return {
    onList: ({ who, spot }: Look) => listFor(who, spot, null),

    onHome: ({ who, spot }: Look) => homeTabs.show({ who, spot }, null),

    async onPress(press) {
      const answer = await onPress(press);
      const { list: spot } = press.aim;
      if (spot === undefined) return answer;
      // The form comes back with the same place, and so does what is filled in again.
      if ('form' in answer) return { ...answer, form: { ...answer.form, aim: { ...answer.form.aim, list: spot } } };
      try {
        const notice = await noticeOf(press, answer);
        if (notice === null) return answer;
        const { actor, roles } = press;
        if (spot.surface === 'home') {
          homeTabs.show({ who: { actor }, spot }, notice).catch((error: unknown) => {
            log.warn({ platform: actor.platform, actor: actor.id, err: error }, 'a home tab is not drawn again');
          });
          return answer;
        }
        const refused = answer.type === 'refused' ? answer.text : null;
        return { type: 'list', list: await listFor({ actor, roles }, spot, notice), refused };
      } catch (error) {
        // The press is recorded; only its list can't be shown.
        log.warn({ press: press.id, err: error }, 'a list is not drawn again');
        return answer;
      }
    },
  };
}
