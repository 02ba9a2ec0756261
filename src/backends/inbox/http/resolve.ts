import type { Approval } from '../../../core/approval/approval.ts';
import { CONFIRM_KEY, optionName } from '../../../core/form/form.ts';
import { whyPeopleOnly } from '../../../core/policy/deciding/people-only.ts';
import type { Clock, Log, Press, PressAnswer } from '../../../core/ports/ports.ts';
import { inboxItem } from '../item.ts';
import { filledWith } from '../question.ts';
import type { Caller } from './auth.ts';
import { readResolution } from './body.ts';
import type { Waits } from './long-poll.ts';
import { json, problem } from './problem.ts';

/** How long the response waits for the outcome's delivery, ms; then it is 202. Without a callback: milliseconds. */
const SETTLE_MS = 5_000;

/** The item, once it is settled; 202 where that takes longer. Null: there is no such item. */
export async function settledItem(
  waits: Waits,
  look: () => Promise<Approval | null>,
  gone: AbortSignal,
): Promise<Response | null> {
  const settled = await waits.settled(look, SETTLE_MS, gone);
  const item = settled === null ? null : inboxItem(settled);
  return item === null ? null : json(item, {}, item.status === 'pending' ? 202 : 200);
}

/** A decision over the API, by the actor of the token, under the same policy as a press. */
export function createResolve(options: {
  resolvers: ReadonlyMap<string, unknown>;
  onPress: (press: Press) => Promise<PressAnswer>;
  find: (approvalId: string) => Promise<Approval | null>;
  waits: Waits;
  clock: Clock;
  log: Log;
}): (caller: Caller, id: string, text: string, gone: AbortSignal) => Promise<Response> {
  const { resolvers, onPress, find, waits, clock, log } = options;

  return async ({ asker, actor }, id, text, gone) => {
    if (resolvers.size === 0) return problem(403, 'Decisions over the API are disabled: RESOLVE_TOKENS is empty.');
    // Also for a token in both lists: an asker must not decide.
    if (asker !== null || actor === null) return problem(403, 'Wrong token type: use one of RESOLVE_TOKENS.');
    const resolution = readResolution(text);
    if (resolution instanceof Response) return resolution;
    const approval = await find(id);
    if (approval === null) return problem(404, 'There is no approval with this ID.');

    const { action, reason, confirm } = resolution;
    const peopleOnly = approval.phase === 'open' ? whyPeopleOnly(approval, action, reason ?? null) : null;
    if (peopleOnly !== null) return problem(403, peopleOnly);
    const answer = await onPress({
      id: `api:${clock.id()}`,
      platform: actor.platform,
      actor,
      // Slack groups are looked up; Discord roles are unknown here.
      roles: [],
      buttonId: { approvalId: approval.id, action, fingerprint: approval.fingerprint },
      readWhole: true,
      form: {
        ...(action === 'take_over' ? filledWith(approval.pause.prompt, reason ?? '') : { text: reason ?? '' }),
        ...(confirm && { [CONFIRM_KEY]: [optionName(0)] }),
      },
    });
    const about = { approval: approval.id, actor: actor.id, action, outcome: answer.type };
    log.info(about, 'decision over the API');
    // The same call may be made again after the start.
    if (answer.type === 'refused' && answer.isStopped === true) return problem(503, answer.text);
    if (answer.type !== 'accepted') {
      const now = await find(id);
      const words = answer.type === 'refused' ? answer.text : needs(approval, action, answer);
      return problem(now?.phase === 'open' ? 403 : 409, words);
    }
    return (await settledItem(waits, () => find(id), gone)) ?? json(null);
  };
}

function needs({ confirm }: Approval, action: Press['buttonId']['action'], answer: PressAnswer): string {
  const [error] = answer.type === 'invalid' ? Object.entries(answer.errors) : [];
  if (error !== undefined && error[0] !== CONFIRM_KEY) return `The answer does not fit: ${error[1]}`;
  if (!confirm || action === 'reject') return 'This needs a form.';
  const what = action === 'approve' ? 'approve it' : 'send an answer that may be read as a yes';
  return `Dangerous action: send "confirm": true with the action to ${what}.`;
}
