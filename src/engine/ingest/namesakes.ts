/**
 * Which open approvals name an agent or a contact as another one does that means another: their cards show the ID.
 * Filled from every commit, so also from what a start recovers. Tested in test/engine/ingest/namesakes.test.ts.
 */
import type { Approval, SharedName } from '../../core/approval/approval.ts';
import { shownName } from '../../core/approval/names.ts';
import { asksPerson, type Pause } from '../../core/approval/pause/pause.ts';
import type { Asked } from '../../core/ports/ports.ts';
import { lookOf } from '../../core/text/visible/look.ts';
import type { Apply, Committed } from '../apply.ts';

/** So many changes share a commit or two. */
const AT_ONCE = 100;

interface Given {
  kind: SharedName;
  name: string;
  id: string;
}

interface Named extends Given {
  /** The same for all that look the same on the cards of one backend. */
  look: string;
}

interface Entry {
  named: readonly Named[];
  marked: readonly SharedName[];
  /** Signed ingest names it so: that marks no card of what our own stream announced. */
  isIngested: boolean;
}

/** Who means an ID by a name. */
interface Meaning {
  ours: Set<string>;
  ingested: Set<string>;
}

export class Namesakes {
  readonly #entries = new Map<string, Entry>();
  /** By the look of a name: which approvals mean which ID by it. */
  readonly #meant = new Map<string, Map<string, Meaning>>();
  /** Approvals whose card does not show yet that a name is shared. */
  readonly #due = new Set<string>();

  onCommitted(committed: Committed): void {
    if (committed.type === 'input' && !committed.changed.duplicate) this.note(committed.changed.state);
  }

  /** The names of a pause that is not recorded yet. */
  sharedBy(pause: Pause, via: Approval['via']): SharedName[] {
    return namesOf(pause).flatMap((named) => (this.#isShared(named, via === 'ingest') ? [named.kind] : []));
  }

  /** Records with each approval that a name of it is shared. What fails is tried again with the next announcement. */
  async record(apply: Apply): Promise<void> {
    while (this.#due.size > 0) {
      const batch = [...this.#due].slice(0, AT_ONCE);
      for (const id of batch) this.#due.delete(id);
      const results = await Promise.allSettled(
        batch.map(async (id) => {
          const names = this.#unmarked(id);
          if (names.length > 0) await apply(id, { type: 'names_shared', names });
        }),
      );
      const failed = batch.filter((_, index) => results[index]?.status === 'rejected');
      for (const id of failed) if (this.#entries.has(id)) this.#due.add(id);
      // The store says so in the log already.
      if (failed.length > 0) return;
    }
  }

  #unmarked(approvalId: string): SharedName[] {
    const { named = [], marked = [], isIngested = false } = this.#entries.get(approvalId) ?? {};
    return named.filter((one) => this.#isShared(one, isIngested) && !marked.includes(one.kind)).map(({ kind }) => kind);
  }

  note(state: Asked | null): void {
    if (state === null || !asksPerson(state.pause)) return;
    const known = this.#entries.get(state.id);
    const isIngested = state.via === 'ingest';
    if (state.phase === 'settled') {
      this.#remove(state.id, known);
      return;
    }
    // How a name looks takes longer to find out than whether it is the same name.
    const isKnown = known?.isIngested === isIngested && hasSameNames(known.named, givenIn(state.pause));
    if (known !== undefined && isKnown) {
      this.#entries.set(state.id, { ...known, marked: state.sharedNames });
      return;
    }
    this.#remove(state.id, known);
    this.#add(state.id, { named: namesOf(state.pause), marked: state.sharedNames, isIngested });
  }

  #add(approvalId: string, entry: Entry): void {
    this.#entries.set(approvalId, entry);
    for (const { look, id } of entry.named) {
      const meant = this.#meant.get(look) ?? new Map<string, Meaning>();
      this.#meant.set(look, meant);
      const wasShared = meant.size > 1;
      const same = meant.get(id) ?? { ours: new Set(), ingested: new Set() };
      const isNew = entry.isIngested ? same.ingested.size === 0 : same.ours.size === 0;
      (entry.isIngested ? same.ingested : same.ours).add(approvalId);
      meant.set(id, same);
      if (meant.size < 2) continue;
      // All others are due already where it was shared before, and nothing is new.
      const due = wasShared && !isNew ? [approvalId] : [...meant.values()].flatMap(everyone);
      for (const one of due) this.#due.add(one);
    }
  }

  #remove(approvalId: string, entry: Entry | undefined): void {
    for (const { look, id } of entry?.named ?? []) {
      const meant = this.#meant.get(look);
      const same = meant?.get(id);
      same?.ours.delete(approvalId);
      same?.ingested.delete(approvalId);
      if (same !== undefined && everyone(same).length === 0) meant?.delete(id);
      if (meant?.size === 0) this.#meant.delete(look);
    }
    this.#entries.delete(approvalId);
    this.#due.delete(approvalId);
  }

  /** Whether another ID is meant by this name: for what ingest announced, by anyone; else by what we have seen. */
  #isShared({ look, id }: Named, isIngested: boolean): boolean {
    const meant = [...(this.#meant.get(look) ?? [])];
    return meant.some(([other, { ours }]) => other !== id && (isIngested || ours.size > 0));
  }
}

function everyone({ ours, ingested }: Meaning): string[] {
  return [...ours, ...ingested];
}

/** As the backend gave them. */
function givenIn({ asker, askerId, contact }: Asked['pause']): Given[] {
  return [
    ...(asker === null ? [] : [{ kind: 'asker' as const, name: asker, id: askerId ?? '' }]),
    ...(contact === undefined ? [] : [{ kind: 'contact' as const, ...contact }]),
  ];
}

function hasSameNames(one: readonly Given[], other: readonly Given[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ kind, name, id }, at) => kind === other[at]?.kind && name === other[at].name && id === other[at].id)
  );
}

function namesOf(pause: Asked['pause']): Named[] {
  return givenIn(pause).map((given) => ({
    ...given,
    // As it is shown: masked, visible and cut.
    look: JSON.stringify([pause.backend, given.kind, lookOf(shownName(given.name))]),
  }));
}
