/** What each button does. Tested in test/engine/presses/confirm.test.ts and test/engine/outbox/group-into-digest.test.ts. */
import type { Handlers, Press } from '../../core/ports/ports.ts';
import type { ButtonId } from '../../core/view/button-id.ts';
import { defaultForms, type FormSettings } from '../../core/view/forms/form-rule.ts';
import type { Standing } from '../standing/standing.ts';
import { Attempts } from './attempts.ts';
import { createBulk } from './bulk.ts';
import { createClaims } from './claims.ts';
import type { Handled, PressDeps, PressHandler } from './contract.ts';
import { createDetails } from './details.ts';
import type { PendingLists } from './pending.ts';
import { createPressHandler } from './press.ts';
import { createGrantPresses } from './standing/grant-presses.ts';
import { createUnsign } from './unsign.ts';

/**
 * Routes a press to the handler of its button; the platform's acknowledgement follows its answer.
 * @param options.lists redraws the list that a press came from
 */
export function createPressRouter({
  lists,
  forms = defaultForms,
  readFirst = true,
  reveal = true,
  standing,
  ...rest
}: Omit<PressDeps, 'attempts' | 'forms' | 'readFirst' | 'reveal'> & {
  forms?: FormSettings | undefined;
  readFirst?: boolean | undefined;
  reveal?: boolean | undefined;
  lists?: PendingLists;
  standing: Pick<Standing, 'grants' | 'offers'>;
}): Handlers['onPress'] {
  const deps: PressDeps = { ...rest, attempts: new Attempts(rest), forms, readFirst, reveal };
  const { clock, log } = deps;
  const claims = createClaims(deps);
  const reading = createDetails(deps);
  const decide = logged(createPressHandler(deps, claims, reading));
  const bulk = createBulk(deps, decide);
  const release = logged(claims.release);
  const decideSeveral = logged(bulk.decide);
  const granting = createGrantPresses({ ...deps, ...standing });

  const handlers: Record<ButtonId['action'], PressHandler> = {
    approve: decide,
    reject: decide,
    take_over: decide,
    retry: decide,
    hand_back: release,
    unsign: logged(createUnsign(deps)),
    grant: logged(granting.give),
    end_grant: logged(granting.end),
    details: logged(reading.details),
    show: logged(reading.show),
    approve_several: decideSeveral,
    reject_several: decideSeveral,
    one_by_one: logged(bulk.split),
  };

  function logged(handler: PressHandler): PressHandler {
    return async (press, ready) => {
      const startedAt = clock.monotonic();
      const began = clock.now();
      const handled = await handler(press, ready);
      const { outcome, backend, state } = handled;
      const { actor, buttonId, platform, form } = press;
      const ms = Math.round(clock.monotonic() - startedAt);
      const fields = { approval: buttonId.approvalId, backend, platform, actor: actor.id, action: buttonId.action };
      if (deps.tracing !== undefined) void trace(press, state, { startedAt: began, endedAt: clock.now(), outcome });
      // Not before the answer to the press.
      setImmediate(() => log.info({ ...fields, form: form !== null, outcome, ms }, 'press'));
      return handled;
    };
  }

  /** Never rejects. */
  async function trace(
    press: Press,
    state: Handled['state'],
    pressed: { startedAt: number; endedAt: number; outcome: string },
  ): Promise<void> {
    const approval = state === undefined ? await deps.store.get(press.buttonId.approvalId).catch(() => null) : state;
    deps.tracing?.pressed(press, approval, pressed);
  }

  return async (press) => {
    const { action, list } = press.buttonId;
    const handler = handlers[action];
    if (list === undefined || lists === undefined) return (await handler(press)).answer;
    const redrawing = lists.redraw(press, list);
    return redrawing.after(await handler(press, redrawing.begin));
  };
}
