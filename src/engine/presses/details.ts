/** *Details* and *Show*. Tested in test/engine/presses/details.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { AuditRow } from '../../core/approval/audit.ts';
import { digestOf } from '../../core/approval/digest.ts';
import { refusalOf } from '../../core/approval/inputs.ts';
import { asksPerson } from '../../core/approval/pause/pause.ts';
import { isLeftToPeople } from '../../core/approval/steps/transitions.ts';
import { explainStored } from '../../core/policy/explain/stored.ts';
import { SETTINGS_VERSION } from '../../core/policy/rules/document.ts';
import type { Press, PressAnswer } from '../../core/ports/ports.ts';
import { encodeButtonId, parseButtonId } from '../../core/view/button-id.ts';
import type { Button, Card, Line } from '../../core/view/card.ts';
import { renderCard } from '../../core/view/cards/approval-card.ts';
import { maskedValuesOf } from '../../core/view/content/masked-values.ts';
import { isWhole } from '../../core/view/content/seen.ts';
import { digestDetails } from '../../core/view/details/of-digest.ts';
import { policySection } from '../../core/view/details/policy-section.ts';
import {
  CHANGED_SECTION,
  maskedSection,
  openSection,
  readFirstSection,
} from '../../core/view/details/read-first-sections.ts';
import { detailsOf, type Section } from '../../core/view/details/sections.ts';
import type { DetailsView } from '../../core/view/details/view.ts';
import { audienceOf } from '../../core/view/lists/audience.ts';
import { NOT_READABLE, NOTHING_MASKED, REVEAL_OFF, refusalText } from '../../core/view/refusals.ts';
import { factsOf } from '../facts.ts';
import { hourlyId } from './attempts.ts';
import type { Handled, PressDeps, PressHandler } from './contract.ts';
import { refusalOfPress, rightToDecide } from './rights.ts';

export interface DetailsHandlers {
  /** *Details* of one approval or of a digest. Anyone who sees the card may read all of it. */
  details: PressHandler;
  /** *Show*: one masked value, for someone who may decide. */
  show: PressHandler;
  /** The details that a press opens in place of deciding. */
  open(press: Press, approval: Approval): Promise<PressAnswer>;
}

export function createDetails(deps: PressDeps): DetailsHandlers {
  const { store } = deps;

  return {
    async details(press) {
      const { approvalId } = press.buttonId;
      const approval = await store.get(approvalId);
      // A list may be older than its person's access to the room; on a card they see it.
      if (approval !== null && press.buttonId.list !== undefined && !(await canReadIt(press, approval, deps)))
        return refused(NOT_READABLE, 'not_readable');
      if (approval !== null) return { answer: await openDetails(press, approval, deps), outcome: 'details' };
      const digest = digestOf(approvalId, await store.digestMembers(approvalId));
      if (digest === null) return refused(refusalText('unknown', null), 'unknown');
      const details = digestDetails(digest, deps.backendTitle(digest.members[0]?.pause.backend ?? ''));
      await Promise.all(digest.members.map(({ id }) => recordDigestRead(press, id, deps)));
      const page = press.buttonId.page?.at ?? 0;
      return { answer: { type: 'details', view: { approvalId, details, page } }, outcome: 'details' };
    },

    async show(press) {
      const approval = await store.get(press.buttonId.approvalId);
      return approval === null ? refused(refusalText('unknown', null), 'unknown') : show(press, approval, deps);
    },

    open: (press, approval) => openDetails(press, approval, deps),
  };
}

/** Its details show less than those of each: they do not count as read. */
async function recordDigestRead({ actor, buttonId: { approvalId: digest } }: Press, id: string, deps: PressDeps) {
  const inputId = hourlyId(id, actor, `digest.${digest}`, deps.clock.now());
  await deps.apply(id, { type: 'digest_read', actor, digest }, inputId).catch((error: unknown) => {
    deps.log.error({ approval: id, err: error }, 'the opened details of a digest were not recorded');
  });
}

async function canReadIt({ actor, roles }: Press, approval: Approval, { readers }: PressDeps): Promise<boolean> {
  const audience = { id: 0, audience: audienceOf(approval), count: 1 };
  return (await readers.readableBy({ actor, roles }, [audience])).readable.length > 0;
}

/** Recorded before they are shown. If that fails they are shown all the same, and do not count as read. */
async function openDetails(press: Press, approval: Approval, deps: PressDeps): Promise<PressAnswer> {
  const { buttonId, actor } = press;
  const { id, fingerprint } = approval;
  const rows = await deps.store.audit(id);
  // What opens them in place of deciding is recorded under its own id: delivered again, it decides nothing either.
  const isAsked = buttonId.action === 'details';
  if (isAsked || (!isWhole(approval, press.platform) && isPending(approval))) {
    const inputId = isAsked ? hourlyId(id, actor, `read.${fingerprint}`, deps.clock.now()) : press.id;
    await deps.apply(id, { type: 'read', actor, fingerprint }, inputId).catch((error: unknown) => {
      deps.log.error({ approval: id, err: error }, 'opened details were not recorded and do not count as read');
    });
  }
  const isStale = buttonId.fingerprint !== '0' && buttonId.fingerprint !== fingerprint;
  const page = isAsked && !isStale ? (buttonId.page?.at ?? 0) : 0;
  return { type: 'details', view: viewOf(press, approval, rows, deps, { page, isStale }) };
}

function viewOf(
  press: Press,
  approval: Approval,
  rows: readonly AuditRow[],
  deps: PressDeps,
  { page, isStale }: { page: number; isStale: boolean },
): DetailsView {
  const { platform } = press;
  const backend = deps.backendTitle(approval.pause.backend);
  const pending = isPending(approval);
  const card = pending ? cardOf(approval, backend, platform, deps) : null;
  const mayOpen = deps.reveal && pending && rightToDecide(press, approval, deps) !== 'denied';
  const details = detailsOf(approval, rows, backend, {
    top: [...(isStale ? [CHANGED_SECTION] : []), ...readFirstSection(approval, { ...deps, platform })],
    follows: card === null ? [] : followingLines(card),
    masked: maskedSection(mayOpen ? maskedValuesOf(approval) : []),
    policy: policySections(approval, deps),
    stop: deps.stopped?.() ?? null,
  });
  const buttons = card === null || isWhole(approval, platform) ? [] : decidingButtons(card, press, approval, deps);
  return { approvalId: approval.id, fingerprint: approval.fingerprint, details, page, buttons };
}

/** The settings name one list of people, which the lines above say already. */
function policySections(approval: Approval, { policy, clock }: Pick<PressDeps, 'policy' | 'clock'>): Section[] {
  if (policy.document.version === SETTINGS_VERSION || !asksPerson(approval.pause)) return [];
  return [policySection(explainStored(approval, policy, clock.now()))];
}

function cardOf(approval: Approval, backend: string, platform: string, { consequences, deciders }: PressDeps): Card {
  return renderCard(approval, {
    backend,
    consequences: consequences?.(approval),
    deciders: deciders?.(approval, platform),
  });
}

/** The lines that a card leaves out where its platform has no room. */
function followingLines({ consequences, deciders }: Card): Line[] {
  return [...(consequences ?? []), ...(deciders === undefined ? [] : [[deciders.text]])];
}

/** Those of the card, for what this person may decide. */
function decidingButtons(card: Card, press: Press, approval: Approval, { policy }: PressDeps): Button[] {
  return card.buttons.flatMap((button) => {
    const { action } = button;
    if (action !== 'approve' && action !== 'reject' && action !== 'take_over') return [];
    if (policy.right(action, press, approval) === 'denied') return [];
    const id = parseButtonId(button.id);
    // Here it is read, so it is the main button again, unless it is dangerous.
    const style = action === 'approve' && !approval.confirm ? 'primary' : button.style;
    return id === null ? [] : [{ ...button, style, id: encodeButtonId({ ...id, inDetails: true }) }];
  });
}

async function show(press: Press, approval: Approval, deps: PressDeps): Promise<Handled> {
  const { buttonId, actor } = press;
  const { id, fingerprint } = approval;
  if (!deps.reveal) return refused(REVEAL_OFF, 'not_possible');
  if (buttonId.fingerprint !== fingerprint) {
    return { answer: await openDetails(press, approval, deps), outcome: 'changed' };
  }
  const { mask: index = -1 } = buttonId;
  const value = maskedValuesOf(approval)[index];
  if (value === undefined) return refused(NOTHING_MASKED, 'not_possible');
  const right = rightToDecide(press, approval, deps);
  const input = { type: 'revealed', actor, fingerprint, mask: value.id, path: value.path, right } as const;
  // A refusal is answered first; its audit row joins a later commit.
  if (right !== 'allowed') {
    const ignored = refusalOf(right);
    deps.attempts.record(`${id} ${value.id}`, id, input, press.id, ignored);
    return refused(refusalOfPress(ignored, approval, press, deps), ignored);
  }
  // The details may have been opened from a list, and long ago.
  if (!(await canReadIt(press, approval, deps))) return refused(NOT_READABLE, 'not_readable');
  const rows = await deps.store.audit(id);
  const changed = await deps.apply(id, input, press.id);
  if (!changed.duplicate && changed.ignored !== null) {
    return refused(refusalOfPress(changed.ignored, changed.state, press, deps), changed.ignored);
  }
  const { phase } = approval;
  const note = { input: input.type, actor, facts: factsOf(input), ignored: null };
  const shown = { ...note, at: deps.clock.now(), approvalId: id, from: phase, to: phase };
  const view = viewOf(press, approval, changed.duplicate ? rows : [...rows, shown], deps, { page: 0, isStale: false });
  const open = { mask: index, section: openSection(approval, value) };
  return { answer: { type: 'details', view: { ...view, page: buttonId.page?.at ?? 0, open } }, outcome: 'shown' };
}

/** People can still decide it. */
function isPending(approval: Approval): boolean {
  return approval.phase === 'open' || isLeftToPeople(approval);
}

function refused(text: string, outcome: string): Handled {
  return { answer: { type: 'refused', text }, outcome };
}
