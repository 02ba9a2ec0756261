/** A note about what can have no card. Pure. Tested in test/core/view/cards/note-card.test.ts. */
import { shownName } from '../../approval/names.ts';
import type { Shown } from '../../approval/subject.ts';
import type { UnfollowedReason } from '../../approval/unfollowed.ts';
import { maskText } from '../../mask/text.ts';
import { clipEnds } from '../../text/clip.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import type { Card, Line } from '../card.ts';

/** Of a run's ID: a UUID fits. */
const RUN_MAX = 64;

/** @param name of the tool or agent, in quotation marks; null: not known */
const titles: Record<UnfollowedReason, (name: string | null) => string> = {
  no_id: (name) => (name === null ? 'A pause has no buttons here' : `${name} pauses, and has no buttons here`),
  asynchronous: (name) => `${name ?? 'A run'} is not followed here`,
  unreadable: (name) => (name === null ? 'A message could not be read' : `A message about ${name} could not be read`),
  unreadable_item: (name) => (name === null ? 'An item could not be read' : `An item (${name}) could not be read`),
  unknown_type: (name) => `${name ?? 'A run'} may be waiting for a person`,
  lost: (name) => (name === null ? 'Lost track of a run' : `Lost track of a run of ${name}`),
  too_many: (name) => `${name ?? 'A website chat'} has no card: there are too many`,
  not_kept: (name) => `${name ?? 'A website chat'} may be waiting for a person`,
  chat_refused: (name) => `${name ?? 'A website chat'} could not start`,
  too_many_open: (name) => (name === null ? 'Too many open requests' : `Too many open requests of ${name}`),
};

const sentences: Record<UnfollowedReason, (backend: string) => string> = {
  no_id: (backend) => `${backend} did not say where the answer goes. If it waits, answer it in ${backend}.`,
  asynchronous: (backend) =>
    `It was started without a stream. If it pauses, no card appears here: check it in ${backend}.`,
  unreadable: (backend) =>
    `${backend} sent something that may be a question to a person. Check in ${backend} whether a run waits.`,
  unreadable_item: (backend) =>
    `${backend} lists it among what waits for a person, in a form that Countersign doesn’t know. Decide it in ${backend}.`,
  unknown_type: (backend) =>
    `${backend} sent something that Countersign doesn’t know and that looks like a pause. Check in ${backend} whether the run waits.`,
  lost: (backend) =>
    `The connection broke before the run ended. If it pauses, no card appears here: check it in ${backend}.`,
  too_many: (backend) =>
    `Website chats paused more often than cards are made for. What waits without a card is answered in ${backend}.`,
  not_kept: (backend) =>
    `A visitor tried to give an approval that only the business may give. If it has no card here, answer it in ${backend}.`,
  chat_refused: (backend) =>
    `${backend} starts no chat of an agent with approvals that the visitor may not give. Let the visitor give them in ${backend} (approver: end-user), or start the agent from a server.`,
  too_many_open: (backend) =>
    `More wait in ${backend}, and have no card here until some of these are decided. Find out why there are so many.`,
};

export function renderNote({ pause, detail, askedAt }: Shown, backend: string): Card {
  const { why, times } = detail?.code === 'unfollowed' ? detail : { why: 'unreadable' as const, times: 1 };
  const name = pause.tool === '' ? null : shownName(pause.tool);
  const title = titles[why](name);
  const text = sentences[why](backend);
  const more = times === 1 ? [] : [`${times} runs or pauses like this`];
  const run: Line = pause.runId === pause.key ? [] : [' · run ', { code: runText(pause.runId) }];
  return {
    tone: 'warning',
    title,
    summary: `${title}: ${text}`,
    status: [text],
    asker: null,
    quotes: [],
    body: null,
    cautions: more,
    remark: null,
    footer: [[backend, ...run, ' · ', { at: askedAt, style: 'time' }]],
    buttons: [],
    broadcast: 'always',
  };
}

function runText(runId: string): string {
  return clipEnds(revealLine(maskText(runId).value), RUN_MAX);
}
