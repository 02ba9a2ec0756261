/** A press that is delivered twice hears twice what it heard first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dana, sam } from '../../support/data/pauses.ts';
import { ask, withEngine } from '../../support/worlds/engine.ts';

test('the second delivery of a press that came second is refused like the first', () =>
  withEngine(async (engine) => {
    const buttonId = await ask(engine);
    const first = engine.press({ buttonId, actor: dana });
    const second = engine.press({ buttonId, actor: sam, platform: 'discord' });
    // All in one turn, so that each finds the question open when it looks.
    const answers = await Promise.all([first, second, second].map((press) => engine.onPress(press)));
    assert.deepEqual(
      answers.map(({ type }) => type),
      ['accepted', 'refused', 'refused'],
    );
  }));

test('the second delivery of the press that won is accepted like the first', () =>
  withEngine(async (engine) => {
    const buttonId = await ask(engine);
    const press = engine.press({ buttonId });
    const answers = await Promise.all([press, press].map((one) => engine.onPress(one)));
    assert.deepEqual(
      answers.map(({ type }) => type),
      ['accepted', 'accepted'],
    );
  }));

test('the second delivery of a press that came too late to take over opens no form', () =>
  withEngine(async (engine) => {
    const buttonId = { ...(await ask(engine)), action: 'take_over' } as const;
    const first = engine.press({ buttonId, actor: dana });
    const second = engine.press({ buttonId, actor: sam, platform: 'discord' });
    const answers = await Promise.all([first, second, second].map((press) => engine.onPress(press)));
    assert.deepEqual(
      answers.map(({ type }) => type),
      ['form', 'refused', 'refused'],
    );
  }));
