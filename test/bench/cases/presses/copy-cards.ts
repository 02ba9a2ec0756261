/** Copies of one card: each has its own approval in the database, its own message on the platform, and its own paused run. */
import type { Emulators, PlatformName } from '../../../support/worlds/emulators.ts';
import { renamer, seed } from '../../world/seed.ts';
import { type Ids, type OneCard, pausesOf, refunds } from './one-card.ts';

/** Posts at once. */
const AT_ONCE = 16;

/** @returns the ids of the messages */
export async function copyCards(
  emulators: Emulators,
  card: OneCard,
  { platform, file, count }: { platform: PlatformName; file: string; count: number },
): Promise<ReadonlySet<string>> {
  const earlier = pausesOf(emulators).length;
  for (let made = 0; made < count; made += 1) await emulators.runtype.runToPause(refunds.name);
  const ids = pausesOf(emulators).slice(earlier);
  const ofRuns = (['executionId', 'approvalId', 'toolCallId'] as const).map((name) => ({
    was: card.ids[name],
    becomes: (index: number) => (ids[index] as Ids)[name],
  }));
  const bodyOf = renamer({ tokens: ofRuns, hashed: card.hashed }, JSON.stringify(card.posted));
  const messages: string[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) =>
      post[platform](emulators, bodyOf(from + at)),
    );
    messages.push(...(await Promise.all(some)));
  }
  const ofMessage = { was: card.message, becomes: (index: number) => messages[index] as string };
  seed({ file: card.file, tokens: [...ofRuns, ofMessage], hashed: card.hashed }, file, count);
  return new Set(messages);
}

/** @returns the id of the message */
const post: Record<PlatformName, (emulators: Emulators, body: string) => Promise<string>> = {
  async slack({ slack }, body) {
    const answer = await send(`${slack.url}chat.postMessage`, `Bearer ${slack.botToken}`, body);
    return String(answer['ts']);
  },
  async discord({ discord }, body) {
    const url = `${discord.url}/v10/channels/${discord.channel}/messages`;
    return String((await send(url, `Bot ${discord.token}`, body))['id']);
  },
};

async function send(url: string, authorization: string, body: string): Promise<Record<string, unknown>> {
  const headers = { authorization, 'content-type': 'application/json; charset=utf-8' };
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  const answer = JSON.parse(text) as Record<string, unknown>;
  if (!response.ok || answer['ok'] === false) throw new Error(`a card was not posted: ${text}`);
  return answer;
}
