/** What the inbox answers its asker, compared with the card. */

import { nameOf } from '../script/people.ts';
import type { Question } from '../script/questions.ts';
import { readRooms } from '../world/rooms.ts';
import type { World } from '../world/world.ts';
import type { Finding } from './check.ts';

interface Item {
  status?: string;
  resolved_by_name?: string;
}

export async function judgeReadBack(world: World, questions: readonly Question[]): Promise<Finding[]> {
  const rooms = readRooms(world);
  const found = await Promise.all(
    questions.map(async (question): Promise<Finding[]> => {
      if (question.ref?.kind !== 'inbox') return [];
      const [card] = rooms.cards(question);
      const item = await readBack(world, question.ref.id);
      const status = item.status === 'pending' ? 'open' : item.status;
      // A claim decides nothing: its asker reads that it is pending.
      const [says, by] = card?.says === 'held' ? ['open', null] : [card?.says, card?.by ?? null];
      if (status === says && nameOf(item.resolved_by_name ?? null) === by) return [];
      const told = `${item.status} by ${item.resolved_by_name ?? 'nobody'}`;
      const text = `its asker reads ${told}, and the card says ${card?.says} by ${card?.by ?? 'nobody'}`;
      return [{ invariant: 'I6', marker: question.marker, text }];
    }),
  );
  return found.flat();
}

/** Nothing of an item, where the bot does not answer. */
async function readBack(world: World, id: string): Promise<Item> {
  const headers = { authorization: `Bearer ${world.askToken}` };
  try {
    return (await (await fetch(`${world.bot.url()}/api/v1/approvals/${id}`, { headers })).json()) as Item;
  } catch {
    return {};
  }
}
