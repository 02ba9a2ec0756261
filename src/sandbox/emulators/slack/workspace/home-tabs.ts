import type { Json } from '../types.ts';
import type { OpenView, Views } from './views.ts';

/** The home tabs: one view per person. */
export class HomeTabs {
  readonly #views: Views;
  readonly #ids = new Map<string, string>();

  /** @param views the store of the tabs, separate from that of the modals */
  constructor(views: Views) {
    this.#views = views;
  }

  of(userId: string): OpenView | undefined {
    return this.#views.find(this.#ids.get(userId) ?? '');
  }

  publish(userId: string, view: Json): OpenView {
    const before = this.of(userId);
    const published = before === undefined ? this.#views.open(userId, view) : this.#views.update(before, view);
    this.#ids.set(userId, published.id);
    return published;
  }

  all(): OpenView[] {
    return this.#views.all();
  }
}
