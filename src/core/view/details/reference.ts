/** The small print of *Details*: who asked, when and where it was shown, its IDs, and who decided it. Pure. Tested in test/core/view/details/sections.test.ts. */
import { actorWithin, askerName, platformName, shownName } from '../../approval/names.ts';
import type { Actor, Decision } from '../../approval/parts/decision.ts';
import { isSignedBySeveral, joined } from '../../approval/signers.ts';
import { policyEndOf } from '../../approval/steps/time/expiry.ts';
import { isByExpiry, isInForce } from '../../approval/steps/transitions.ts';
import type { Shown, Subject } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { clip } from '../../text/clip.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import type { Line, Span } from '../card.ts';
import { hiddenText } from '../cards/cautions.ts';
import { entryText } from '../cards/signing/tally-text.ts';
import { tokenOwnerOf } from '../content/callback.ts';
import { contentOf } from '../content/content.ts';
import { actionLabels } from '../labels.ts';

/** Of a tool's name or an id: longer than any real one. */
const ID_MAX = 200;
/** Of the hash of a policy. */
const VERSION_SHOWN = 12;
/** Of the address of a callback. */
const ADDRESS_MAX = 1_000;

/** When its card was first posted, for each platform. */
export function shownLines({ slots }: Shown): Line[] {
  const first = new Map<string, number>();
  for (const { kind, place, shownAt } of Object.values(slots)) {
    if (kind !== 'card' || typeof shownAt !== 'number') continue;
    first.set(place.platform, Math.min(shownAt, first.get(place.platform) ?? shownAt));
  }
  if (first.size === 0) return [];
  const shown = [...first].flatMap(([platform, at], index): Span[] => [
    `${index === 0 ? 'Shown' : ','} in ${platformName(platform)} `,
    { at, style: 'exact' },
  ]);
  return [shown];
}

/** With the ID: two people may have the same name. */
function deciderLines(approval: Shown): Line[] {
  const { decision, pause, signatures } = approval;
  if (decision === null || isSignedBySeveral(approval)) return signatures.map(signatureLine);
  if (decision.actor.platform === 'application' || isByExpiry(approval)) return signatures.map(signatureLine);
  if (decision.actor.platform === 'policy') return [standingLine(decision, approval)];
  const verb = pause.kind === 'run' ? 'Start requested' : isInForce(approval) ? 'Decided' : 'Pressed';
  return [[`${verb} by `, ...personWithId(decision.actor)]];
}

function personWithId(actor: Actor): Line {
  return [{ person: actor }, `, ${platformName(actor.platform)} ID `, { code: clip(revealLine(actor.id), ID_MAX) }];
}

/** `Approve signed by Mara, Slack ID U0MARA, of finance, 9:40` */
function signatureLine({ action, actor, groups, at }: Shown['signatures'][number]): Line {
  const entries = groups.length === 0 ? '' : `, of ${joined(groups.map(entryText))}`;
  return [`${actionLabels[action]} signed by `, ...personWithId(actor), `${entries}, `, { at, style: 'exact' }];
}

/** Where the policy ends it before its backend does. */
function policyEndLine(approval: Shown): Line[] {
  const end = policyEndOf(approval);
  if (end === null) return [];
  return [
    [
      `${end.end === 'reject' ? 'Rejected' : 'Closed here'} by the policy if nobody decides by `,
      { at: end.at, style: 'exact' },
    ],
  ];
}

/** Of a decision without a press: by which rule, or by whose standing answer. */
function standingLine({ actor, standing }: Decision, { requirement }: Shown): Line {
  const version = requirement === undefined ? '' : `, policy ${clip(requirement.version, VERSION_SHOWN)}`;
  if (standing === undefined) return [`Decided by ${actorWithin(actor)}, without a person${version}`];
  const { by, use, of } = standing;
  return ['Decided by the standing answer of ', { person: by }, `, use ${use} of ${of}, without a person${version}`];
}

function code(text: string, max = ID_MAX): Span {
  return { code: clip(revealLine(maskText(text).value), max) };
}

function contactLine({ name, id }: NonNullable<Subject['contact']>): Line {
  return ['Contact ', shownName(name), ...(id === '' ? [', without an ID'] : [', ID ', code(id)])];
}

/** Where a callback is sent, or whose account the answer goes to. */
function answerLine(pause: Subject): Line[] {
  const { callback: address, brand } = pause.address ?? {};
  if (typeof brand === 'string') return [['Brand ', code(brand)]];
  const owner = tokenOwnerOf(pause);
  return [
    ...(owner === null ? [] : [['Asked with the token of ', code(owner)]]),
    ...(typeof address === 'string'
      ? [['The answer goes to ', code(URL.canParse(address) ? new URL(address).href : address, ADDRESS_MAX)]]
      : []),
  ];
}

/** As the inbox is called, too, whose askers have IDs of their own. */
const OURS = 'Countersign';

export function referenceLines(approval: Shown, backend: string): Line[] {
  const { pause } = approval;
  const starter: Span = approval.decision === null ? 'Someone' : { person: approval.decision.actor };
  const moment = (at: number): Span => ({ at, style: 'exact' });
  return [
    ['Requested by ', pause.kind === 'run' ? starter : askerName(approval, backend), ', ', moment(approval.askedAt)],
    ...(pause.askerId ? [['Requester ID ', code(pause.askerId)]] : []),
    ...(pause.contact === undefined ? [] : [contactLine(pause.contact)]),
    ...answerLine(pause),
    ...shownLines(approval),
    ...(pause.deadline === null ? [] : [['Deadline ', moment(pause.deadline)]]),
    ...policyEndLine(approval),
    [pause.kind === 'run' ? 'Name ' : 'Tool ', code(pause.tool)],
    ...hiddenText(contentOf(approval).hidden, backend).map((text) => [text]),
    // A run's key is our own until its backend has said what it calls it.
    ...(pause.kind === 'run' ? [] : [[`${backend === OURS ? 'Asker’s' : backend} ID `, code(pause.key)]]),
    ...(pause.runId === pause.key ? [] : [['Run ', code(pause.runId)]]),
    ...deciderLines(approval),
    [`${OURS} ID `, code(approval.id)],
  ];
}
