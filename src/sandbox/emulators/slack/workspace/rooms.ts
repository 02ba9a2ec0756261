import type { SlackRestriction, SlackSharing } from '../types.ts';
import { Refusal } from '../web-api/refusal.ts';

export interface Room {
  id: string;
  name: string;
  archived: boolean;
  /** Whether the bot is a member. */
  joined: boolean;
  /** With another organisation (Slack Connect), or with a workspace of the same one. */
  shared?: SlackSharing | null;
  restricted?: SlackRestriction | null;
  /** Who is in a private channel or, of guests and strangers, in a public one; absent: no one in particular. */
  members?: ReadonlySet<string>;
  isPrivate?: boolean;
  /** The person whose direct message with the bot this is. */
  directWith: string | null;
}

/** The channels and direct messages of the workspace. */
export class Rooms {
  readonly #rooms = new Map<string, Room>();
  readonly #changed: () => void;
  readonly #closed = new Set<string>();

  constructor(channels: { id: string; name: string }[], changed: () => void) {
    this.#changed = changed;
    for (const { id, name } of channels)
      this.#rooms.set(id, { id, name, archived: false, joined: true, directWith: null });
  }

  all(): Room[] {
    return [...this.#rooms.values()];
  }

  find(id: string): Room | undefined {
    return this.#rooms.get(id);
  }

  /**
   * A channel by id or by name (`#approvals`).
   * @throws Refusal `channel_not_found`.
   */
  get(idOrName: string): Room {
    const name = idOrName.replace(/^#/, '');
    const room = this.#rooms.get(idOrName) ?? this.all().find((one) => one.directWith === null && one.name === name);
    if (!room) throw new Refusal('channel_not_found');
    return room;
  }

  /** The direct message with a person, created if it does not exist. */
  openDirect(userId: string): { room: Room; existed: boolean } {
    const open = this.all().find((room) => room.directWith === userId);
    if (open) return { room: open, existed: true };
    const id = `D${userId.slice(1)}`;
    const room = { id, name: id, archived: false, joined: true, directWith: userId };
    this.#rooms.set(id, room);
    this.#changed();
    return { room, existed: false };
  }

  /** Refuses or accepts direct messages to this person from now on. */
  closeDirect(userId: string, closed: boolean): void {
    if (closed) this.#closed.add(userId);
    else this.#closed.delete(userId);
  }

  /** @throws Refusal `messages_tab_disabled` if the person accepts no direct messages */
  assertTakes({ directWith, restricted }: Room, threadTs: string): void {
    if (directWith !== null && this.#closed.has(directWith)) throw new Refusal('messages_tab_disabled');
    if (restricted === 'read_only') throw new Refusal('restricted_action_read_only_channel');
    if (restricted === 'some_people') throw new Refusal('restricted_action');
    if (restricted === 'thread_only' && threadTs === '') throw new Refusal('restricted_action_thread_only_channel');
    if (restricted === 'non_threadable' && threadTs !== '')
      throw new Refusal('restricted_action_non_threadable_channel');
  }

  change(
    id: string,
    change: Partial<Pick<Room, 'archived' | 'joined' | 'shared' | 'restricted' | 'members' | 'isPrivate'>>,
  ): void {
    const room = this.#rooms.get(id);
    if (!room) throw new Error(`There is no channel ${id}.`);
    this.#rooms.set(id, { ...room, ...change });
    this.#changed();
  }
}
