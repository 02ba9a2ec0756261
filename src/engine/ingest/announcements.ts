/**
 * What a backend announces: which approval it becomes, what is stored of it, and what signed ingest may not announce. Tested
 * in test/engine/ingest/announcements.test.ts and test/backends/runtype/ingest-own-runs.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import type { InputOf } from '../../core/approval/inputs.ts';
import type { Novelty } from '../../core/approval/parts/novelty.ts';
import { withKnownHidden } from '../../core/approval/pause/hidden-names.ts';
import { limitPause } from '../../core/approval/pause/limit-pause.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import type { Redactor } from '../../core/approval/pause/redact.ts';
import { personKey } from '../../core/approval/person.ts';
import { isSameSubject, subjectText } from '../../core/approval/subject.ts';
import { noveltyFacts } from '../../core/policy/rules/novelty-facts.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import { withVerbs } from '../../core/policy/yes-no.ts';
import type { Changed, Clock, Delivered, Delivery, Log, Source, Store } from '../../core/ports/ports.ts';
import { ONLY_REPLICA } from '../../core/ports/store/fleet.ts';
import type { Apply } from '../apply.ts';
import type { Grants } from '../standing/grants.ts';
import { latestGeneration, withId } from './approval-id.ts';
import type { Namesakes } from './namesakes.ts';
import { announcingIn } from './readings.ts';
import { ownIn } from './run-progress.ts';
import type { SourceLimits } from './source-limits.ts';
import { findNovelty, standingByRule } from './standing.ts';

export interface AnnounceDeps {
  store: Store;
  apply: Apply;
  policy: Policy;
  /** Masks what the operator calls secret. Default: nothing is. */
  redactor?: Redactor;
  /** Default: names are shown without IDs. */
  namesakes?: Namesakes;
  /** Standing answers of people. Default: there are none. */
  grants?: Grants;
  /** This replica: it reads what its streams announce. Default: the only one. */
  me?: string;
  clock: Clock;
  log: Log;
}

export async function announce(
  delivery: Extract<Delivery, { type: 'announced' }>,
  limits: SourceLimits,
  deps: AnnounceDeps,
): Promise<Delivered> {
  const { store, clock, log } = deps;
  const { via, streamOpen, inputId, recurs = false, readAgain = false, afterCall = false } = delivery;
  const { backend, runId } = delivery.pause;
  const run = await store.list({ backend, runId });
  const whole = limited(withKnownHidden(delivery, run), clock);
  const source = delivery.source ?? sourceOf(whole);
  const { id, pause: sent } = recurs ? await latestGeneration(whole, deps) : withId(whole, clock);
  const proofs = { ...(readAgain && { readAgain }), ...(afterCall && { afterCall }) };
  const how = { via, streamOpen, recurs, ...proofs, source: limits.limitOf(source) };
  // A server may have announced it under another run.
  const known = run.find((one) => one.id === id) ?? (await store.get(id));
  const isSeen = delivery.isSeenRun ?? false;
  if (via === 'ingest' && known?.via !== 'stream' && (await isRefusedIn(run, sent, how, isSeen, deps))) {
    log.warn(
      { backend: sent.backend, run: sent.runId, tool: sent.tool },
      'ingest refused: our own stream reads this run',
    );
    return 'recorded';
  }
  // What ingest may not change leaves one row in the audit log, however often it is sent.
  const isRefused = via === 'ingest' && known?.via === 'stream';
  const once = isRefused ? clock.hash(`ingest announces\n${id}`) : inputId;
  const asked = withStarter(id, sent, via, run);
  const { changed, pause } = await applyAnnounced(id, asked, known, how, once, deps);
  if (!changed.duplicate && changed.ignored === 'too_many') {
    await limits.refused(source, pause);
    return 'too_many';
  }
  if (!changed.duplicate && changed.before === null) limits.recorded(source, pause);
  return 'recorded';
}

/** Whether ingest announces something in a run that our own stream has seen. One row of the run in the audit log says so. */
async function isRefusedIn(run: readonly Approval[], pause: Pause, how: How, isSeen: boolean, deps: AnnounceDeps) {
  const own = ownIn(run);
  if (own === undefined) return isSeen;
  const once = deps.clock.hash(`ingest announces in\n${pause.backend}\n${pause.runId}`);
  await applyAnnounced(own.id, pause, own, how, once, deps);
  return true;
}

/** All that a backend announces, where nothing says who else it comes from. */
function sourceOf({ backend }: Pause): Source {
  return { id: backend, name: '' };
}

/** What a backend has now, in place of what people decided on: the decision was not sent, and the approval opens again. */
export async function announceChange(approval: Approval, found: Pause, deps: AnnounceDeps): Promise<Changed> {
  const { id, via, streamOpen, recurs } = approval;
  const how = { via, streamOpen, recurs, beforeSending: true };
  const { changed } = await applyAnnounced(id, foundOf(approval, found, deps.clock), approval, how, null, deps);
  return changed;
}

/** Whether an approval shows what its backend has now. */
export function isAsShown(approval: Approval, found: Pause, deps: AnnounceDeps): boolean {
  const { pause, fingerprint } = stored(foundOf(approval, found, deps.clock), approval, deps);
  return isSameSubject(approval, pause, fingerprint);
}

type How = Pick<
  InputOf<'announced'>,
  'via' | 'streamOpen' | 'recurs' | 'readAgain' | 'afterCall' | 'beforeSending' | 'source'
>;

/** @param known the approval of this id, as it is stored */
async function applyAnnounced(
  id: string,
  sent: Pause,
  known: Approval | null,
  how: How,
  inputId: string | null,
  deps: AnnounceDeps,
): Promise<{ changed: Changed; pause: Pause }> {
  const { store, apply, namesakes, me = ONLY_REPLICA } = deps;
  const { pause, whole, fingerprint, otherVerbs } = stored(sent, asSeen(known, how.via), deps);
  const isKnown = known !== null && known.fingerprint === fingerprint && known.phase !== 'settled';
  const novelty = isKnown ? (known.novelty ?? null) : await findNovelty(pause, how.via, store);
  const { places, route, ...rules } = ruledBy(whole, novelty, deps);
  const sharedNames = namesakes?.sharedBy(pause, how.via) ?? [];
  const more = {
    ...how,
    ...rules,
    ...(novelty && { novelty }),
    ...(otherVerbs && { otherVerbs }),
    ...(sharedNames.length > 0 && { sharedNames }),
  };
  const input = { type: 'announced', id, pause, fingerprint, places, ...more } as const;
  const byRule = standingByRule(route, fingerprint);
  const use = byRule === null ? (deps.grants?.answerTo(pause, how.via) ?? null) : null;
  const run = how.via === 'stream' && how.streamOpen ? announcingIn(pause, me) : undefined;
  const changed = await apply(id, input, inputId, null, byRule ?? use, { run });
  await deps.grants?.announced(use, changed);
  // The cards of those who were alone with the name until now.
  await namesakes?.record(apply);
  return { changed, pause };
}

/** What the policy says of a pause as it was sent. @param novelty null: not known */
export function ruledBy(
  whole: Pause,
  novelty: Novelty | null,
  { policy, clock }: Pick<AnnounceDeps, 'policy' | 'clock'>,
) {
  const now = clock.now();
  const route = policy.route(whole, { now, ...(novelty && { novelty: noveltyFacts(novelty, now) }) });
  const { places, confirm, remindAfter, requirement, timing, watched } = route;
  const would = watched.map(({ rule, failed }) => (failed === null ? rule.name : `${rule.name}: ${failed}`));
  return {
    places,
    confirm,
    remindAfter,
    requirement,
    route,
    ...(timing && { timing }),
    ...(would.length > 0 && { watched: would }),
  };
}

/** What is stored of a pause, and the fingerprint of it as it was sent: a change in what is redacted is a change, too. */
function stored(
  sent: Pause,
  known: Approval | null,
  { clock, redactor, policy }: Pick<AnnounceDeps, 'clock' | 'redactor' | 'policy'>,
) {
  const asker = withKnownAsker(sent, known);
  const isYesNo = policy.asksYesNo(asker);
  const whole = withVerbs(asker, isYesNo);
  const fingerprint = clock.hash(subjectText(whole));
  const otherwise = withVerbs(asker, !isYesNo);
  const isSame = otherwise.actions.length === whole.actions.length;
  const otherVerbs = isSame ? null : clock.hash(subjectText(otherwise));
  return { pause: redactor === undefined ? whole : redactor.pause(whole), whole, fingerprint, otherVerbs };
}

/** A backend knows no generations of a key. */
function foundOf({ pause: { key, groupId, requester, room } }: Approval, found: Pause, clock: Clock): Pause {
  const { requester: _given, room: _room, ...rest } = limited(found, clock);
  const ofRun = { ...(requester !== undefined && { requester }), ...(room !== undefined && { room }) };
  return { ...rest, key, groupId, ...ofRun };
}

function limited(pause: Pause, clock: Clock): Pause {
  return limitPause(pause, (text) => clock.hash(text));
}

/**
 * Who asked for it, and where its run was started from chat. What is known of an approval does not change; else it is the
 * person who started the run from chat, or whom an earlier announcement of the run named: a later call can't leave them out,
 * and can't name another person.
 * Signed ingest names no one: what it announced is as if it were not known.
 */
function withStarter(id: string, pause: Pause, via: Approval['via'], run: readonly Approval[]): Pause {
  const { requester: given, room: _room, ...rest } = pause;
  const known = run.find((one) => one.id === id && (one.via !== 'ingest' || via === 'ingest'));
  const start = run.find((one) => one.pause.kind === 'run');
  const starter = start?.decision?.actor;
  const named = run.find((one) => one.pause.requester !== undefined)?.pause.requester;
  const first = (starter && personKey(starter)) ?? named ?? given;
  const requester = known === undefined ? first : known.pause.requester;
  const room = (known ?? start)?.pause.room;
  return { ...rest, ...(requester !== undefined && { requester }), ...(room !== undefined && { room }) };
}

/** What only signed ingest has announced says nothing of what our own stream announces. */
function asSeen(known: Approval | null, via: Approval['via']): Approval | null {
  return via === 'stream' && known?.via === 'ingest' ? null : known;
}

/** A later stream of a run need not say again who asks: silence is not a change. */
function withKnownAsker(pause: Pause, known: Approval | null): Pause {
  if (known === null || namesAsker(pause)) return pause;
  const { asker, askerId } = known.pause;
  return { ...pause, asker: pause.asker ?? asker, ...(askerId !== undefined && { askerId: pause.askerId ?? askerId }) };
}

function namesAsker({ asker, askerId }: Pause): boolean {
  return asker !== null && askerId !== null;
}
