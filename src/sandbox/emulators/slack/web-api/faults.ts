import type { SlackFault } from '../types.ts';

/** Planned faults per method. Each matching call takes one, in the order they were planned. */
export class Faults {
  readonly #queues = new Map<string, { fault: SlackFault; left: number }[]>();

  add(method: string, fault: SlackFault, times: number): void {
    const queue = this.#queues.get(method) ?? [];
    queue.push({ fault, left: times });
    this.#queues.set(method, queue);
  }

  take(method: string): SlackFault | undefined {
    const queue = this.#queues.get(method) ?? [];
    while (queue[0] && queue[0].left <= 0) queue.shift();
    const next = queue[0];
    if (!next) return undefined;
    next.left -= 1;
    return next.fault;
  }

  clear(method?: string): void {
    if (method === undefined) this.#queues.clear();
    else this.#queues.delete(method);
  }
}
