/** *Allow the same* and *End standing answer*, on a settled card. Tested in test/engine/standing/grants.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import type { Right } from '../../../core/approval/inputs.ts';
import { isSamePerson } from '../../../core/approval/person.ts';
import { checkForm } from '../../../core/form/check.ts';
import type { Press } from '../../../core/ports/ports.ts';
import { grantForm } from '../../../core/view/forms/grant-form.ts';
import { endedText, givenText, type NotGiven, notGivenText } from '../../../core/view/operators/standing.ts';
import { createInTurn } from '../../in-turn.ts';
import type { Grants } from '../../standing/grants.ts';
import type { Offer, Offers } from '../../standing/offers.ts';
import type { Handled, PressDeps, PressHandler } from '../contract.ts';
import { refusalOfPress } from '../rights.ts';
import { mayEnd } from './may-end.ts';

export interface GrantPresses {
  give: PressHandler;
  end: PressHandler;
}

export function createGrantPresses(deps: PressDeps & { grants: Grants; offers: Offers }): GrantPresses {
  const { store, apply, attempts, policy, grants, offers, stopped, clock } = deps;
  /** Two people who press at once give one standing answer. */
  const inTurn = createInTurn();

  async function give(press: Press): Promise<Handled> {
    const approval = await store.get(press.buttonId.approvalId);
    if (approval === null) return refuse(refusalOfPress('unknown', null, press, deps), 'unknown');
    const right = policy.right('approve', press, approval);
    if (right !== 'allowed') return refuseStranger(press, approval, right);
    if ((stopped?.() ?? null) !== null) return refuse(refusalOfPress('stopped', approval, press, deps), 'stopped');
    const known = grants.all().get(approval.id);
    if (known !== undefined && grants.endOf(known) === null && isSamePerson(known.by, press.actor))
      return done(givenText(known), 'repeated', approval);
    const offer = await offers.of(approval);
    if (typeof offer === 'string') return refuseOutdated(approval, offer);
    const problem = grants.inForceFor(offer.likeness) === null ? problemWith(press, approval, deps) : 'exists';
    return problem === null ? giveFrom(approval, offer, press) : refuseOutdated(approval, problem);
  }

  async function giveFrom(approval: Approval, offer: Offer, press: Press): Promise<Handled> {
    const form = grantForm(approval, offer);
    if (press.form === null) return { answer: { type: 'form', form }, outcome: 'form' };
    const checked = checkForm(form, press.form);
    if (!checked.ok) return { answer: { type: 'invalid', form, errors: checked.errors }, outcome: 'invalid' };
    const { rule, version, forMs, uses, vary, likeness } = offer;
    const { platform, id, name, person } = press.actor;
    const by = { platform, id, name, ...(person !== undefined && { person }) };
    const from = approval.id;
    // A press that is delivered again gives nothing: what it gave may have ended since.
    if ((await apply(from, { type: 'redrawn' }, press.id)).duplicate) return refuse(notGivenText('ended'), 'ended');
    const at = clock.now();
    const grant = await grants.give(
      { by, from, rule, version, vary: [...vary], uses, at, until: at + forMs },
      likeness,
    );
    await apply(from, { type: 'granted', actor: press.actor, right: 'allowed', uses, until: grant.until });
    return done(givenText(grant), 'given', approval);
  }

  async function end(press: Press): Promise<Handled> {
    const { buttonId, actor } = press;
    const approval = await store.get(buttonId.approvalId);
    if (approval === null) return refuse(refusalOfPress('unknown', null, press, deps), 'unknown');
    const grant = grants.all().get(approval.id);
    if (grant === undefined) return refuseOutdated(approval, 'ended');
    if (!mayEnd(press, grant, approval, policy))
      return refuseStranger(press, approval, policy.right('approve', press, approval));
    const over = grants.endOf(grant);
    const isEnded = await grants.end(approval.id, over ?? 'person', over === null ? actor : null);
    if (over !== null || !isEnded) return refuseOutdated(approval, 'ended');
    return done(endedText(grant), 'ended', approval);
  }

  function refuseStranger(press: Press, approval: Approval, right: Right): Handled {
    const ignored = right === 'unverified' ? 'unverified' : 'not_allowed';
    const input = { type: 'granted', actor: press.actor, right, uses: 0, until: 0 } as const;
    attempts.record(approval.id, approval.id, input, press.id, ignored);
    return refuse(refusalOfPress(ignored, approval, press, deps), ignored);
  }

  /** Its card shows a button that does nothing any more. */
  async function refuseOutdated({ id }: Approval, why: NotGiven): Promise<Handled> {
    await apply(id, { type: 'redrawn' });
    return refuse(notGivenText(why), why);
  }

  return { give: (press) => inTurn(() => give(press)), end: (press) => inTurn(() => end(press)) };
}

/** By their own right, and in a way that can be checked again at each use. */
function problemWith(press: Press, approval: Approval, { policy }: Pick<PressDeps, 'policy'>): NotGiven | null {
  if (approval.fingerprint !== press.buttonId.fingerprint) return 'changed';
  const { inPlaceOf } = policy.judge('approve', press, approval);
  if (inPlaceOf !== undefined) return 'deputy';
  const later = policy.judge('approve', { actor: press.actor, roles: null }, approval);
  return later.right === 'allowed' && later.inPlaceOf === undefined ? null : 'unseen';
}

function refuse(text: string, outcome: string): Handled {
  return { answer: { type: 'refused', text }, outcome };
}

function done(text: string, outcome: string, { pause }: Approval): Handled {
  return { answer: { type: 'notified', text }, outcome, backend: pause.backend };
}
