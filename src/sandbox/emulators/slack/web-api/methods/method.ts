import type { Json } from '../../types.ts';
import type { Room } from '../../workspace/rooms.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { Refusal } from '../refusal.ts';

/**
 * One method of the Web API. @returns the fields of its response beside `ok`
 * @throws Refusal with Slack's error code; nothing has changed then
 */
export type Method = (args: Json, slack: Workspace) => Json;

/** A channel by id, not by name. */
export function roomById(slack: Workspace, id: string): Room {
  const room = slack.rooms.find(id);
  if (!room) throw new Refusal('channel_not_found');
  return room;
}

/** A channel that the bot may know of: a private one only from within. */
export function visibleRoom(slack: Workspace, id: string): Room {
  const room = roomById(slack, id);
  if (room.isPrivate === true && !room.joined) throw new Refusal('channel_not_found');
  return room;
}

/** A channel the bot may read. */
export function readableRoom(slack: Workspace, id: string): Room {
  const room = roomById(slack, id);
  if (!room.joined) throw new Refusal('not_in_channel');
  return room;
}
