/** What must hold for the real engine over any order of events, faults, deaths and times: one decision, sent at most once, shown as it is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { runs } from '../support/property.ts';
import { type Command, command, type Memory, perform, rewritten, stubborn } from './commands.ts';
import { createHeart, type Heart, type Sabotage } from './engine-model.ts';
import { mistakes } from './seeded-bugs.ts';
import { checkRest, comeToRest } from './settle.ts';

class Happening implements fc.AsyncCommand<Memory, Heart> {
  readonly #command: Command;
  constructor(given: Command) {
    this.#command = given;
  }
  check(): boolean {
    return true;
  }
  run(memory: Memory, heart: Heart): Promise<void> {
    return perform(this.#command, heart, memory);
  }
  toString(): string {
    return JSON.stringify(this.#command);
  }
}

const happeningsOf = (commands: fc.Arbitrary<Command>) =>
  fc.commands([commands.map((one) => new Happening(one))], { size: 'max', maxCommands: 40 });
const happenings = happeningsOf(command);
const stubbornly = happeningsOf(stubborn);
const rewriting = happeningsOf(rewritten);

/** One case: safety while everything goes wrong, then liveness once nothing does. */
async function play(commands: Iterable<fc.AsyncCommand<Memory, Heart>>, sabotage: Sabotage = {}): Promise<void> {
  const heart = await createHeart(sabotage);
  const memory: Memory = { presses: [], lists: new Map(), told: new Set(), count: 0 };
  try {
    await fc.asyncModelRun(() => ({ model: memory, real: heart }), commands);
    await comeToRest(heart);
    await checkRest(heart);
  } finally {
    await heart.stop();
  }
}

describe('the model', () => {
  test('rows 4, 7, 22, 23: whatever happens in whatever order, every promise is kept', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, (commands) => play(commands)),
      { numRuns: runs(60) },
    );
  });

  test('of a backend that refuses, and of people who try again: one call a try', async () => {
    await fc.assert(
      fc.asyncProperty(stubbornly, (commands) => play(commands)),
      { numRuns: runs(30) },
    );
  });

  test('of agents that rewrite what is pending: no call is made on what has changed', async () => {
    await fc.assert(
      fc.asyncProperty(rewriting, (commands) => play(commands)),
      { numRuns: runs(30) },
    );
  });
});

/** Several times as many as it has ever taken to find one of them. */
const CASES = 600;

describe('the model objects where', () => {
  for (const [name, sabotage] of Object.entries(mistakes)) {
    test(name, async () => {
      const found = await fc.check(
        fc.asyncProperty(fc.oneof(happenings, stubbornly, rewriting), (commands) => play(commands, sabotage)),
        { numRuns: CASES, endOnFailure: true },
      );
      assert.ok(found.failed, `${CASES} cases, and nobody noticed`);
    });
  }
});
