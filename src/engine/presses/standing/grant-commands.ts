/** `/approvals standing`: which standing answers are in force, and a button to end each. Tested in test/engine/standing/grants.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import type { Policy } from '../../../core/policy/rules/policy.ts';
import type { Log, Store } from '../../../core/ports/ports.ts';
import type { Ask, Command, CommandAnswer } from '../../../core/view/command.ts';
import { endedText, type GrantListed, notGivenText, standingList } from '../../../core/view/operators/standing.ts';
import type { Grants } from '../../standing/grants.ts';
import { mayEnd } from './may-end.ts';

export type GrantAsk = Extract<Ask, { verb: 'standing' }>;

/** Resolves once what it says is committed. @throws StoreError when nothing was recorded */
export function createGrantCommands({
  grants,
  policy,
  store,
  backendTitle,
  log,
}: {
  grants: Grants;
  policy: Policy;
  store: Pick<Store, 'get'>;
  backendTitle: (backend: string) => string;
  log: Log;
}): (command: Command, ask: GrantAsk) => Promise<CommandAnswer> {
  /** Those that this person gave or may end: the others name requests that may not be theirs to read. */
  async function listed(command: Command): Promise<(GrantListed & { approval: Approval })[]> {
    const found: (GrantListed & { approval: Approval })[] = [];
    for (const grant of grants.all().values()) {
      const approval = grants.endOf(grant) === null ? await store.get(grant.from) : null;
      if (approval !== null && mayEnd(command, grant, approval, policy))
        found.push({ grant, approval, backend: backendTitle(approval.pause.backend) });
    }
    return found;
  }

  return async (command, { end }) => {
    const { actor, platform } = command;
    const mine = await listed(command);
    log.info({ platform, actor: actor.id, verb: 'standing', end, count: mine.length }, 'command');
    if (end === null) return standingList(mine);
    const chosen = end === 'all' ? mine : mine.filter(({ grant }) => grant.from === end);
    if (chosen.length === 0) return standingList(mine, notGivenText('ended'));
    for (const { grant } of chosen) await grants.end(grant.from, 'person', actor);
    const [first, ...more] = chosen;
    const said = first !== undefined && more.length === 0 ? endedText(first.grant) : 'All of these have ended.';
    return standingList(await listed(command), said);
  };
}
