import type { DiscordFault } from '../types.ts';
import { matchPath } from './route.ts';

interface Planned {
  method: string;
  pattern: string;
  fault: DiscordFault;
  left: number;
}

/** Planned faults. A request takes the first one that matches it. */
export class Faults {
  #planned: Planned[] = [];

  /** @throws Error for a route that is not written as `POST /channels/:id/messages` */
  plan(route: string, fault: DiscordFault, times: number): void {
    const [method, pattern, ...rest] = route.split(' ');
    if (!method || !pattern?.startsWith('/') || rest.length > 0) {
      throw new Error(`A fault needs a method and a path ("POST /channels/:id/messages"), not "${route}"`);
    }
    this.#planned.push({ method, pattern, fault, left: times });
  }

  clear(): void {
    this.#planned = [];
  }

  take(method: string, path: string): DiscordFault | null {
    const planned = this.#planned.find((one) => one.method === method && matchPath(one.pattern, path) !== null);
    if (!planned) return null;
    planned.left -= 1;
    this.#planned = this.#planned.filter((one) => one.left > 0);
    return planned.fault;
  }
}
