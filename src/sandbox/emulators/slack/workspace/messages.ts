import type { Json, SlackMessage } from '../types.ts';
import { type Button, fillIds, findButtons } from './buttons.ts';
import type { Clock } from './clock.ts';

/** A message with Slack's internal data. Immutable: an update replaces it. */
export interface StoredMessage {
  shown: SlackMessage;
  /** The blocks with every id filled in. */
  blocks: Json[];
  broadcast: boolean;
  editedTs: string | null;
  reactions: { name: string; users: string[] }[];
}

export type Draft = Omit<SlackMessage, 'ts' | 'edited' | 'broadcast'> & { broadcast?: boolean };
export type Change = Partial<Pick<SlackMessage, 'text' | 'blocks' | 'attachments' | 'metadata'>>;

/** What an outdated client may still show: the message's last version and every button it ever had. */
interface Memory {
  last: StoredMessage;
  buttons: Map<string, Button>;
}

/** Every message of the workspace, oldest first. A `ts` is unique in the whole emulator. */
export class Messages {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #messages = new Map<string, StoredMessage>();
  readonly #memories = new Map<string, Memory>();

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  post({ broadcast = false, ...draft }: Draft): StoredMessage {
    const ts = this.#clock.nextTs();
    return this.#put({
      shown: { ...draft, ts, edited: false },
      blocks: fillIds(draft.blocks),
      broadcast,
      editedTs: null,
      reactions: [],
    });
  }

  /** @param broadcast also shows the reply in the channel, permanently */
  update(message: StoredMessage, change: Change, broadcast = false): StoredMessage {
    const shown = { ...message.shown, ...change, edited: true };
    const blocks = change.blocks ? fillIds(change.blocks) : message.blocks;
    const next = { ...message, shown, blocks, broadcast: message.broadcast || broadcast };
    return this.#put({ ...next, editedTs: this.#clock.nextTs() });
  }

  react(message: StoredMessage, reactions: StoredMessage['reactions']): void {
    this.#put({ ...message, reactions });
  }

  remove(message: StoredMessage): void {
    this.#messages.delete(message.shown.ts);
    this.#changed();
  }

  find(channel: string, ts: string): StoredMessage | undefined {
    const message = this.#messages.get(ts);
    return message?.shown.channel === channel ? message : undefined;
  }

  /** The messages of a channel that everyone in it sees, oldest first. */
  inChannel(channel: string): StoredMessage[] {
    return this.all().filter(({ shown }) => shown.channel === channel && shown.onlyFor === null);
  }

  replies(channel: string, rootTs: string): StoredMessage[] {
    return this.inChannel(channel).filter(({ shown }) => shown.threadTs === rootTs);
  }

  all(): StoredMessage[] {
    return [...this.#messages.values()];
  }

  /** The last version of a message and its buttons, even if it was deleted. */
  remember(channel: string, ts: string): Memory | undefined {
    const memory = this.#memories.get(ts);
    return memory?.last.shown.channel === channel ? memory : undefined;
  }

  #put(message: StoredMessage): StoredMessage {
    const { ts } = message.shown;
    const buttons = this.#memories.get(ts)?.buttons ?? new Map<string, Button>();
    for (const button of findButtons(message.blocks)) buttons.set(button.actionId, button);
    this.#memories.set(ts, { last: message, buttons });
    this.#messages.set(ts, message);
    this.#changed();
    return message;
  }
}
