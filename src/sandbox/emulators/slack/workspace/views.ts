import { randomBytes } from 'node:crypto';
import type { Json, SlackView } from '../types.ts';
import { LIMITS } from '../web-api/limits.ts';
import { Refusal } from '../web-api/refusal.ts';
import { fillIds } from './buttons.ts';
import type { Clock } from './clock.ts';
import { APP_ID, BOT, TEAM } from './identity.ts';

/** An open modal. Its person sees only the last one of a stack. */
export interface OpenView extends SlackView {
  /** The view's blocks with every id filled in. */
  blocks: Json[];
  rootId: string;
  previousId: string | null;
}

type Values = Record<string, Record<string, Json>>;

/** The open modals of all people. A person may have several stacks, one per device. */
export class Views {
  readonly #views = new Map<string, OpenView>();
  readonly #clock: Clock;
  readonly #changed: () => void;

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  all(): OpenView[] {
    return [...this.#views.values()];
  }

  find(id: string): OpenView | undefined {
    return this.#views.get(id);
  }

  findExternal(externalId: string): OpenView | undefined {
    return this.all().find(({ view }) => view['external_id'] === externalId);
  }

  open(userId: string, view: Json): OpenView {
    const id = this.#newId();
    return this.#put(id, { userId, view, rootId: id, previousId: null });
  }

  /** @throws Refusal `push_limit_reached` on the fourth view of a stack. */
  push(below: OpenView, view: Json): OpenView {
    if (this.#stack(below.rootId).length >= LIMITS.viewStack) throw new Refusal('push_limit_reached');
    return this.#put(this.#newId(), { userId: below.userId, view, rootId: below.rootId, previousId: below.id });
  }

  update(open: OpenView, view: Json): OpenView {
    return this.#put(open.id, { userId: open.userId, view, rootId: open.rootId, previousId: open.previousId });
  }

  showErrors(id: string, errors: Record<string, string>): void {
    const open = this.#views.get(id);
    if (!open) return;
    this.#views.set(id, { ...open, errors });
    this.#changed();
  }

  /** The visible view of a stack. */
  top(open: OpenView): OpenView {
    return this.#stack(open.rootId).at(-1) ?? open;
  }

  /** Closes a view and those above it, or with `all` its whole stack. */
  close(open: OpenView, all = false): void {
    const stack = this.#stack(open.rootId);
    const from = all ? 0 : stack.findIndex(({ id }) => id === open.id);
    for (const { id } of from < 0 ? [] : stack.slice(from)) this.#views.delete(id);
    this.#changed();
  }

  #stack(rootId: string): OpenView[] {
    return this.all().filter((view) => view.rootId === rootId);
  }

  #newId(): string {
    return `V${randomBytes(5).toString('hex').toUpperCase()}`;
  }

  #put(id: string, view: Pick<OpenView, 'userId' | 'view' | 'rootId' | 'previousId'>): OpenView {
    const hash = `${Math.floor(this.#clock.now() / 1000)}.${randomBytes(4).toString('hex')}`;
    const blocks = Array.isArray(view.view['blocks']) ? fillIds(view.view['blocks']) : [];
    const open = { ...view, id, hash, blocks, errors: {} };
    this.#views.set(id, open);
    this.#changed();
    return open;
  }
}

/** A view as Slack's API and payloads show it. */
export function viewJson(open: OpenView, values: Values = {}): Json {
  return {
    title: null,
    submit: null,
    close: null,
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    ...open.view,
    id: open.id,
    team_id: TEAM.id,
    hash: open.hash,
    blocks: open.blocks,
    state: { values },
    previous_view_id: open.previousId,
    root_view_id: open.rootId,
    app_id: APP_ID,
    app_installed_team_id: TEAM.id,
    bot_id: BOT.id,
  };
}
