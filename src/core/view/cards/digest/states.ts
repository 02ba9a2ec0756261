/** The states of a digest's requests, of each and of all together. Pure. Tested in test/core/view/cards/digest/card.test.ts. */

import { type Digest, isInDigest } from '../../../approval/digest.ts';
import { actorName, actorWithin } from '../../../approval/names.ts';
import { isVisitorChat } from '../../../approval/pause/pause.ts';
import { signersOf } from '../../../approval/signers.ts';
import { actsOf } from '../../../approval/steps/signing/acts.ts';
import { endToShow } from '../../../approval/steps/time/expiry.ts';
import { isByExpiry, isInForce } from '../../../approval/steps/transitions.ts';
import type { Shown } from '../../../approval/subject.ts';
import { clip } from '../../../text/clip.ts';
import type { Line, Tone } from '../../card.ts';
import { changedText } from '../../content/changes.ts';
import { pressedText } from '../../labels.ts';
import { deadlineOf, NO_DEADLINE } from '../../moments.ts';
import { noveltyNote } from '../../precedents/novelty-lines.ts';
import { isDangerous } from '../cautions.ts';
import { countText } from '../signing/tally-text.ts';
import { statusOf } from '../status/line.ts';

/** Of a name, characters. */
const WHO_MAX = 24;
const WAITING = 'waiting';

export function isUndelivered({ outcome }: Shown): boolean {
  return outcome === 'failed' || outcome === 'unconfirmed';
}

/** The state of one request in a word or two. It claims no more than what the backend has confirmed. */
export function stateOf(member: Shown, digestId: string): string {
  if (!isInDigest(member, digestId)) return 'moved to its own message';
  const { phase, claim, decision, outcome, pause } = member;
  const who = decision === null ? 'someone' : whoOf(member);
  const pressed = isByExpiry(member)
    ? 'expired'
    : `${who} ${decision === null ? 'decided' : pressedText(decision, pause)}`;
  if (phase === 'open')
    return claim === null ? openState(member) : `claimed by ${clip(actorName(claim.actor), WHO_MAX)}`;
  if (phase === 'decided' || phase === 'sending') return `${pressed}, sending`;
  switch (outcome) {
    case 'approved':
    case 'rejected':
    case 'answered':
      return `${outcome} by ${who}${runEnd(member)}`;
    case 'taken_over':
      return `taken over by ${who}${runEnd(member)}`;
    case 'decided_elsewhere':
      return 'decided elsewhere';
    case 'unconfirmed':
      return `${pressed}, unconfirmed`;
    case 'failed':
      return `${pressed}, not delivered`;
    default:
      return outcome ?? 'over';
  }
}

/** `Jon Aker and 1 more` */
function whoOf(member: Shown): string {
  const [first, ...others] = signersOf(member).toReversed();
  const name = first === undefined ? 'someone' : clip(actorWithin(first), WHO_MAX);
  return others.length === 0 ? name : `${name} and ${others.length} more`;
}

/** How the run went on after the decision, where a person may have to look. */
function runEnd({ continuation, pause }: Shown): string {
  const run = isVisitorChat(pause) ? 'chat' : 'run';
  switch (continuation?.state) {
    case 'failed':
      return `, ${run} failed`;
    case 'lost':
      return `, lost track of its ${run}`;
    default:
      return '';
  }
}

/** Marks a line that changed since it was first shown, and one whose deadline has passed; *Details* says how. */
function openState(member: Shown): string {
  const { detail } = member;
  if (isDangerous(member)) return 'dangerous';
  if (changedText(member).length > 0) return 'changed';
  const [act] = actsOf(member);
  if (act !== undefined) return `${countText(act.tally)} signed`;
  if (member.overdue) return 'overdue';
  return detail === null ? WAITING : 'see Details';
}

/** What is unusual about one that waits, or what is new about it; empty for most. */
export function noteOf(member: Shown, digestId: string): string {
  const state = stateOf(member, digestId);
  return state === WAITING ? noveltyNote(member) : state;
}

/** How many are in which state, in the order in which a person cares. */
export function statusLine(digest: Digest<Shown>, backend: string): Line {
  const groups = new Map<string, number>();
  for (const member of digest.members) {
    const word = groupOf(member, digest.id);
    groups.set(word, (groups.get(word) ?? 0) + 1);
  }
  const waiting = groups.get(WAITING) ?? 0;
  groups.delete(WAITING);
  const ranks = [...groups].sort(([one], [other]) => rankOf(one) - rankOf(other));
  const others = ranks.map(([group, count]) => `${count} ${group === MOVED ? movedText(count) : group}`).join(' · ');
  const reach = digest.members.some(({ phase, unreachable }) => phase === 'open' && unreachable !== null)
    ? ` ${backend} is unreachable. You can still decide; it will be sent when ${backend} is back.`
    : '';
  const runs = runsText(digest);
  if (waiting === 0) return [{ strong: `${others}.` }, ...runs, reach];
  const overdue = digest.members.filter((member) => member.phase === 'open' && member.overdue).length;
  const late = overdue === 0 ? '' : ` ${backend}’s deadline has passed for ${overdue}.`;
  const strong = waiting === 1 ? '1 needs a decision.' : `${waiting} need a decision.`;
  return [{ strong }, others === '' ? '' : ` ${others}.`, ...runs, ...timeLeft(digest), reach, late];
}

/** Of how many the run failed, or was lost, after the decision. */
function runsText({ id, members }: Digest<Shown>): Line {
  const ended = (state: string) =>
    members.filter((member) => isInDigest(member, id) && isInForce(member) && member.continuation?.state === state)
      .length;
  const [failed, lost] = [ended('failed'), ended('lost')];
  const say = (count: number, text: string): Line => (count === 0 ? [] : [' ', { strong: text }]);
  return [
    ...say(failed, `${failed} ${failed === 1 ? 'run' : 'runs'} failed.`),
    ...say(lost, `Lost track of ${lost} ${lost === 1 ? 'run' : 'runs'}.`),
  ];
}

/** Until the first of those that wait can no longer be decided. */
function timeLeft({ id, members }: Digest<Shown>): Line {
  const waiting = members.filter((member) => member.phase === 'open' && isInDigest(member, id));
  if (waiting.every((member) => endToShow(member) === null)) return [` ${NO_DEADLINE}`];
  const deadlines = waiting.flatMap((member) => {
    const end = endToShow(member);
    return member.overdue || end === null ? [] : [deadlineOf(end, member.askedAt)];
  });
  const [first] = deadlines.sort((one, other) => one.at - other.at);
  return first === undefined ? [] : [' First expires ', first, '.'];
}

const MOVED = 'moved';
const ranked = ['claimed', 'sending', 'not delivered', 'unconfirmed'];

function movedText(count: number): string {
  return count === 1 ? 'moved to its own message' : 'moved to their own messages';
}

/** First what may need attention; last what has a message of its own. */
function rankOf(group: string): number {
  if (group === MOVED) return Number.MAX_SAFE_INTEGER;
  const at = ranked.indexOf(group);
  return at < 0 ? ranked.length : at;
}

function groupOf(member: Shown, digestId: string): string {
  if (!isInDigest(member, digestId)) return MOVED;
  if (member.phase === 'open') return member.claim === null ? WAITING : 'claimed';
  if (member.phase !== 'settled') return 'sending';
  const { outcome } = member;
  if (outcome === 'failed') return 'not delivered';
  return (outcome ?? 'over').replaceAll('_', ' ');
}

export function toneOf({ id, members }: Digest<Shown>, backend: string): Tone {
  const staying = members.filter((member) => isInDigest(member, id));
  const tones = new Set(staying.map((member) => statusOf(member, backend).tone));
  const most = (['danger', 'open', 'claimed', 'pending', 'warning'] as const).find((tone) => tones.has(tone));
  const [only = 'neutral'] = tones;
  return most ?? (tones.size === 1 ? only : 'neutral');
}
