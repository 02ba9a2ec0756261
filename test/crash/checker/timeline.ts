/** What happened, in order and readable: all journals and the rig's own notes, cut to one round. */

import type { RoundResult } from '../round.ts';
import type { Question } from '../script/questions.ts';
import type { World } from '../world/world.ts';

/** Of a line, characters: long enough for what a request says of one question. */
const LINE_MAX = 1_200;

/** @param markers only what concerns these, and what concerns everybody */
export function timelineOf(
  world: World,
  { startedAt, endedAt, questions }: RoundResult,
  markers: ReadonlySet<string>,
): string {
  const concerned = questions.filter(({ marker }) => markers.size === 0 || markers.has(marker));
  const names = concerned.flatMap(namesOf);
  const concerns = (text: string) => names.some((name) => text.includes(name));
  const lines: { at: number; who: string; text: string; always: boolean }[] = [];
  const add = (at: number, who: string, text: string, always = false) => void lines.push({ at, who, text, always });
  for (const { at, text } of world.events) add(at, 'rig', text, !/QX/.test(text));
  for (const entry of world.slack.journal.entries) {
    if (entry.kind === 'call')
      add(entry.at, 'slack', `${entry.method} ${entry.error ?? 'ok'} ${JSON.stringify(entry.args)}`);
    else if (entry.kind === 'socket') add(entry.at, 'slack', `socket ${entry.connection} ${entry.event}`, true);
    else if (entry.kind === 'ack')
      add(entry.at, 'slack', `ack ${entry.envelopeId} after ${Math.round(entry.afterMs)} ms`, true);
    else if (entry.kind === 'envelope')
      add(
        entry.at,
        'slack',
        `press ${entry.envelopeId} ${JSON.stringify(entry.payload['actions'] ?? entry.payload['type'])}`,
        true,
      );
    else add(entry.at, 'slack', `refused ${entry.what}: ${entry.reason}`, true);
  }
  for (const entry of world.discord.journal.entries) {
    if (entry.kind === 'call')
      add(
        entry.at,
        'discord',
        `${entry.method} ${entry.path} ${entry.status} ${entry.error ?? ''} ${JSON.stringify(entry.body)}`,
      );
    else if (entry.kind === 'socket')
      add(entry.at, 'discord', `gateway ${entry.connection} ${entry.event} ${entry.code ?? ''}`, true);
    else if (entry.kind === 'callback')
      add(entry.at, 'discord', `answer ${entry.interactionId} type ${entry.type} ${entry.refused ?? ''}`, true);
    else if (entry.kind === 'interaction')
      add(entry.at, 'discord', `press ${entry.interactionId} ${JSON.stringify(entry.payload['data'])}`);
    else if (entry.kind === 'endpoint')
      add(entry.at, 'discord', `endpoint ${entry.interactionId} ${entry.status}`, true);
    else add(entry.at, 'discord', `refused ${entry.what}: ${entry.reason}`, true);
  }
  for (const entry of world.runtype.journal.entries) {
    if (entry.kind === 'call')
      add(
        entry.at,
        'runtype',
        `${entry.method} ${entry.path} ${entry.status} effect=${entry.effect} ${JSON.stringify(entry.body)}`,
      );
    else add(entry.at, 'runtype', `run ${entry.executionId} ${entry.state}`);
  }
  for (const [who, entries] of [
    ['sonzai', world.sonzai.journal.entries],
    ['hookpulse', world.hookpulse.journal.entries],
  ] as const) {
    for (const entry of entries) {
      if (entry.kind === 'call' && entry.method === 'POST')
        add(entry.at, who, `${entry.path} ${entry.status} effect=${entry.effect} ${JSON.stringify(entry.body)}`);
      if (entry.kind === 'change') add(entry.at, who, JSON.stringify(entry));
    }
  }
  for (const { at, id, status, effect, body } of world.receiver.journal.entries) {
    add(at, 'asker', `callback ${id} ${status} effect=${effect} ${JSON.stringify(body.data)}`);
  }
  return lines
    .filter(({ at, text, always }) => at >= startedAt && at <= endedAt && (always || concerns(text)))
    .sort((a, b) => a.at - b.at)
    .map(({ at, who, text }) => `${String(at - startedAt).padStart(6)} ${who.padEnd(9)} ${shorten(text)}`)
    .join('\n');
}

function namesOf({ marker, ref, buttons }: Question): string[] {
  const ids = Object.values(buttons).flatMap((button) => [button.message, ...(/^cs2\.[^.]+/.exec(button.id) ?? [])]);
  if (ref === null) return [marker, ...ids];
  const { kind, ...own } = ref;
  const known = Object.entries(own).filter(([name]) => name !== 'index' && name !== 'step' && name !== 'toolName');
  return [marker, ...ids, ...known.map(([, value]) => String(value))];
}

/** Of a card only its status is worth a line. */
function shorten(text: string): string {
  const status =
    /(?:Needs a decision|[A-Z][\w ]+? by (?:[A-Z]\w+ \w+|[a-z]+)|Unconfirmed|Decided elsewhere|Not delivered|Sending to \w+|Not delivered yet)/.exec(
      text,
    )?.[0];
  const short = text.length > LINE_MAX ? `${text.slice(0, LINE_MAX)} …` : text;
  return status !== undefined && !short.includes(status) ? `${short} [${status}]` : short;
}
