/**
 * What must hold, said without the machine: who pressed what and read what, who called whom, what was shown when.
 * It knows no phases. Everything it holds against the engine is from the outside: answers, calls, cards.
 */
import assert from 'node:assert/strict';
import type { Approval } from '../../src/core/approval/approval.ts';
import type { SendResult } from '../../src/core/approval/inputs.ts';
import type { Action } from '../../src/core/approval/pause/pause.ts';
import type { Press, PressAnswer } from '../../src/core/ports/ports.ts';
import type { Card } from '../../src/core/view/card.ts';
import { isSharedAction } from '../../src/core/view/forms/bulk-form.ts';
import { spanText } from '../../src/core/view/line-text.ts';
import { isLong, onTheWire, type Question, questions, type Truth } from './fakes.ts';

export interface Watcher {
  /** A call of a backend begins. */
  called(group: readonly Approval[]): void;
  /** Right before a call the backend shows another version: no call is made. */
  foundChanged(group: readonly Approval[]): void;
  /** What the backend says of it, whether or not anybody hears that. */
  answered(group: readonly Approval[], result: SendResult): void;
  /** A room is about to show this, under the key of its message. */
  shown(card: Card, key: string): void;
}

/** `unheard`: the person who pressed got no answer, because the process died. */
type Told = 'nothing yet' | 'unheard' | 'accepted' | 'refused' | 'not recorded';

export interface Made {
  press: Press;
  question: Question;
  /** Which version of the question was on the card. */
  version: number;
  allowed: boolean;
  told: Told;
}

/** Who has decided a question, as far as that was shown outside. */
type Winner = { actor: string; name: string; action: Action };

interface Standing {
  winner: Winner | null;
  /** Calls that may still be made by what is known. */
  budget: number;
  /** A call of an application is in doubt, so that people may decide, too. */
  openToAll: boolean;
  /** Our own call was refused: an application may still decide. */
  openToApps: boolean;
  /** A call of ours came to nothing that is known, so that the same may be asked anew. */
  mayReopen: boolean;
  /** The engine has learned that this has ended. */
  toldOver: boolean;
}

const verbs: Record<string, Action> = {
  'pressed Approve': 'approve',
  'pressed Reject': 'reject',
  'chose to take over': 'take_over',
  'wrote an answer': 'take_over',
};
const successes: Record<string, Action> = {
  Approved: 'approve',
  Rejected: 'reject',
  'Taken over': 'take_over',
  Answered: 'take_over',
};

export class Oracle implements Watcher {
  readonly presses = new Map<string, Made>();
  readonly #truths: ReadonlyMap<string, Truth>;
  readonly #standings = new Map<string, Standing>(
    questions.map(({ key }) => [
      key,
      { winner: null, budget: 0, openToAll: false, openToApps: false, mayReopen: false, toldOver: false },
    ]),
  );
  readonly #keyOfId: (id: string) => string;
  /** Who was shown the details of what. */
  readonly #readers = new Set<string>();
  /** Thrown into the engine it would be logged and forgotten; so it is kept. */
  failure: unknown = null;

  constructor(truths: ReadonlyMap<string, Truth>, keyOfId: (id: string) => string) {
    this.#truths = truths;
    this.#keyOfId = keyOfId;
  }

  standing(key: string): Standing {
    const standing = this.#standings.get(key);
    if (standing === undefined) throw new Error(`no question ${key}`);
    return standing;
  }

  truth(key: string): Truth {
    const truth = this.#truths.get(key);
    if (truth === undefined) throw new Error(`no question ${key}`);
    return truth;
  }

  // ---- people ----

  answeredPress(made: Made, answer: PressAnswer): void {
    this.#hold(() => {
      const { press, question, allowed } = made;
      const standing = this.standing(question.key);
      const before = made.told;
      const reader = `${question.key} ${press.actor.id}`;
      if (answer.type === 'details') this.#readers.add(reader);
      // The model's people press on cards: lists and half-filled forms have tests of their own.
      if (answer.type !== 'accepted' && answer.type !== 'refused' && answer.type !== 'form') return;
      if (answer.type === 'form') {
        assert.ok(allowed, 'a form for somebody who may not decide');
        return;
      }
      made.told = answer.type;
      const { action } = press.buttonId;
      if (
        action === 'hand_back' ||
        action === 'details' ||
        action === 'show' ||
        action === 'unsign' ||
        action === 'grant' ||
        action === 'end_grant' ||
        isSharedAction(action)
      )
        return;
      if (action === 'retry') {
        if (answer.type === 'accepted' && before !== 'accepted' && before !== 'unheard') this.#triedAgain(question);
        return;
      }
      // The same press once more is acknowledged once more, and changes nothing.
      if (before === 'accepted' && answer.type === 'accepted') return;
      const { winner } = standing;
      const mine = winner?.actor === press.actor.id && winner.action === action;
      if (answer.type === 'accepted') {
        assert.ok(allowed, 'a decision of somebody who may not decide');
        const isUnread = action === 'approve' && isLong(question.key) && !this.#readers.has(reader);
        assert.ok(!isUnread, 'approved by somebody who has not read it');
        assert.ok(winner === null || mine || standing.openToAll, `accepted, although ${winner?.name} was first`);
        if (!mine) this.#wins(standing, { actor: press.actor.id, name: press.actor.name, action });
        return;
      }
      if (!allowed) assert.match(answer.text, /not one of its reviewers/);
      else if (winner !== null && /^Already /.test(answer.text)) {
        assert.ok(!mine, 'refused what stands');
        const by = winner.actor === 'app' ? 'the application itself' : winner.name;
        assert.ok(answer.text.includes(by), `told of another winner than ${winner.name}: ${answer.text}`);
      } else if (
        winner === null &&
        !standing.openToAll &&
        !standing.toldOver &&
        made.version === this.truth(question.key).version
      ) {
        const unheard = [...this.presses.values()].some((one) => one.told === 'unheard' && one.question === question);
        assert.ok(
          unheard || /has changed|has claimed this/.test(answer.text),
          `refused without a reason: ${answer.text}`,
        );
      }
    });
  }

  notRecorded(made: Made): void {
    if (made.told === 'nothing yet') made.told = 'not recorded';
  }

  /** The process died: who was not answered yet never will be. */
  died(): void {
    for (const made of this.presses.values()) {
      if (made.told !== 'nothing yet') continue;
      made.told = 'unheard';
      if (made.press.buttonId.action === 'retry') this.#triedAgain(made.question);
    }
    // No one outside knows whether those were committed.
    for (const { key } of this.claiming) {
      const standing = this.standing(key);
      standing.winner = null;
      standing.openToAll = true;
    }
    this.claiming.clear();
    // Whoever finds a call without an answer may ask a guarded backend again.
    for (const { key, guarded } of questions) {
      const standing = this.standing(key);
      if (guarded) standing.budget = Math.max(1, standing.budget);
      standing.mayReopen = true;
      // An application's call that was passing through is in doubt then.
      if (standing.winner?.actor === 'app') standing.openToAll = true;
    }
  }

  /** What was sent together is sent together again. */
  #triedAgain({ runId }: Question): void {
    for (const { key } of questions.filter((one) => one.runId === runId)) this.standing(key).budget += 1;
  }

  // ---- applications ----

  /** Claims that were not answered yet. */
  readonly claiming = new Set<Question>();

  claimed(question: Question, action: Action): void {
    this.#hold(() => {
      const standing = this.standing(question.key);
      const { winner } = standing;
      const free = winner === null || winner.actor === 'app' || standing.openToAll || standing.openToApps;
      assert.ok(free, `an application’s claim, although ${winner?.name} was first`);
      this.#wins(standing, { actor: 'app', name: 'The application', action });
      standing.budget = 0;
    });
  }

  claimEnded(question: Question, result: SendResult): void {
    const standing = this.standing(question.key);
    if (result.type === 'recorded') return;
    standing.openToAll = true;
    if (result.type !== 'ambiguous') standing.winner = null;
  }

  /** The question is another one now: what was decided on the old one is void, unless it is on its way. */
  changed(question: Question): void {
    const standing = this.standing(question.key);
    standing.winner = null;
    standing.budget = 0;
    standing.openToAll = true;
  }

  foundChanged(group: readonly Approval[]): void {
    for (const question of questions) if (group.some(({ pause }) => pause.key === question.key)) this.changed(question);
  }

  /** Asked on its own stream: what came to nothing, as far as is known, is open again. */
  asked(question: Question): void {
    const standing = this.standing(question.key);
    if (!standing.mayReopen && !standing.toldOver) return;
    standing.winner = null;
    standing.openToAll = true;
  }

  // ---- the backend ----

  called(group: readonly Approval[]): void {
    this.#hold(() => {
      for (const { pause, decision } of group) {
        assert.ok(decision, 'a call without a decision');
        const standing = this.standing(pause.key);
        const { actor, action } = decision;
        const isCurrent = pause.backend === 'runtype' || pause.parameters['version'] === this.truth(pause.key).version;
        assert.ok(isCurrent, 'a call on what has changed since, where the backend could be asked');
        const candidates = [...this.presses.values()].filter(
          ({ press, question }) =>
            question.key === pause.key && press.actor.id === actor.id && press.buttonId.action === action,
        );
        const good = candidates.filter(
          ({ allowed, version, told }) =>
            allowed && version === pause.parameters['version'] && (told === 'accepted' || told === 'unheard'),
        );
        assert.ok(good.length > 0, `a call that nobody’s acknowledged press asked for: ${actor.name} ${action}`);
        const { winner } = standing;
        const mine = winner?.actor === actor.id && winner.action === action;
        assert.ok(winner === null || mine, `a call of ${actor.name} ${action}, although ${winner?.name} won`);
        if (winner === null) this.#wins(standing, { actor: actor.id, name: actor.name, action });
        standing.budget -= 1;
        assert.ok(standing.budget >= 0, 'a call that nothing known allows: the last one may have had effect');
      }
    });
  }

  answered(group: readonly Approval[], result: SendResult): void {
    for (const { pause } of group) {
      const guarded = questions.find(({ key }) => key === pause.key)?.guarded === true;
      const again = result.type === 'unsent' || (result.type === 'ambiguous' && guarded);
      const standing = this.standing(pause.key);
      if (again) standing.budget += 1;
      if (result.type === 'refused') standing.openToApps = true;
      if (result.type !== 'recorded') standing.mayReopen = true;
    }
  }

  // ---- the rooms ----

  shown(card: Card, messageKey: string): void {
    this.#hold(() => {
      const key = this.#keyOfId(messageKey.split(':')[0] ?? '');
      const question = questions.find((one) => one.key === key);
      if (question === undefined) return;
      const words = card.status.map(spanText).join('');
      const [, done, by = ''] = /^(Approved|Rejected|Taken over|Answered) by (.+?)\. · /.exec(words) ?? [];
      if (done !== undefined) {
        const verdict = onTheWire(question.kind, successes[done] ?? 'approve');
        const had = this.truth(key).effects.some((effect) => effect.verdict === verdict);
        assert.ok(had, `shown as ${words}, and the backend knows nothing of it`);
        const application = by === 'the application';
        assert.ok(application || this.#pressed(question, by, successes[done]), `${words}: who did not press`);
      }
      const [, name = '', deed] =
        /^(.+?) (pressed Approve|pressed Reject|chose to take over|wrote an answer)\. (?:Sending|It )/.exec(words) ??
        [];
      if (deed !== undefined && name !== 'The application') {
        assert.ok(this.#pressed(question, name, verbs[deed]), `${words}: whose press was never recorded`);
      }
    });
  }

  #pressed(question: Question, name: string, action: Action | undefined): boolean {
    return [...this.presses.values()].some(
      (made) =>
        made.question === question &&
        made.allowed &&
        made.press.actor.name === name &&
        made.press.buttonId.action === action &&
        // Committed it is, and a card may be drawn in the same turn as the press is answered.
        made.told !== 'refused' &&
        made.told !== 'not recorded',
    );
  }

  #wins(standing: Standing, winner: Winner): void {
    standing.winner = winner;
    standing.budget = 1;
    standing.openToAll = false;
    standing.openToApps = false;
    standing.mayReopen = false;
  }

  #hold(check: () => void): void {
    try {
      check();
    } catch (thrown) {
      this.failure ??= thrown;
    }
  }
}
