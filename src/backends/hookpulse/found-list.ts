/** What a pass over a brand's list has found. Tested in test/backends/hookpulse/index.test.ts. */
import type { Pause } from '../../core/approval/pause/pause.ts';
import type { Clock } from '../../core/ports/ports.ts';
import { toJson } from '../../core/text/json.ts';
import type { Found, Unreadable } from '../shared/pass.ts';
import type { Listing } from './client.ts';
import type { OpenBrand } from './open-brand.ts';
import type { TemplateState } from './templates.ts';
import { pauseOf, unreadableFields, type WaitingStep } from './wire.ts';

/** For all templates of one pass, ms: cards do not wait longer for them. */
const TEMPLATES_MS = 5_000;

interface Read {
  listing: Extract<Listing, { type: 'read' }>;
  /** By their IDs as texts: the IDs as they came. */
  workflows: ReadonlyMap<string, unknown>;
  unreadable: readonly Unreadable[];
}

/** Keeps what it made of the last pass: where the list is the same, so is what was found. */
export class FoundList {
  readonly #brand: OpenBrand;
  readonly #clock: Pick<Clock, 'hash'>;
  readonly #pauses = new WeakMap<WaitingStep, { template: TemplateState; pause: Pause }>();
  #last: Read | null = null;
  #found: { of: Read; templates: object; all: readonly Found[] } | null = null;

  constructor(brand: OpenBrand, clock: Pick<Clock, 'hash'>) {
    this.#brand = brand;
    this.#clock = clock;
  }

  async read(
    listing: Read['listing'],
    signal: AbortSignal,
  ): Promise<Pick<Read, 'unreadable'> & { found: readonly Found[] }> {
    const { templates } = this.#brand;
    const read = this.#last?.listing === listing ? this.#last : this.#readOf(listing);
    this.#last = read;
    if (listing.complete) templates.keep(read.workflows);
    await templates.refresh(read.workflows, AbortSignal.any([signal, AbortSignal.timeout(TEMPLATES_MS)]));
    if (this.#found?.of !== read || this.#found.templates !== templates.version) {
      // A workflow with a loop may return to a step: another request under the same key.
      const all = listing.steps.toReversed().map((step) => ({ pause: this.#pauseOf(step), recurs: true }));
      this.#found = { of: read, templates: templates.version, all };
    }
    return { found: this.#found.all, unreadable: read.unreadable };
  }

  #readOf(listing: Read['listing']): Read {
    const workflows = new Map(listing.steps.map(({ workflow_uuid, sent }) => [workflow_uuid, sent.workflow]));
    workflows.delete('');
    const unreadable = listing.unreadable.map((raw) => {
      return { hash: this.#clock.hash(toJson(raw)), ...unreadableFields(raw) };
    });
    return { listing, workflows, unreadable };
  }

  #pauseOf(step: WaitingStep): Pause {
    const template = this.#brand.templates.stateOf(step.workflow_uuid);
    const known = this.#pauses.get(step);
    if (known?.template === template) return known.pause;
    const pause = pauseOf(step, this.#brand, template);
    this.#pauses.set(step, { template, pause });
    return pause;
  }
}
