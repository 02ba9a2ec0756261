/** The private note beside a form that something was claimed for: through discord.js, against the emulator. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PressAnswer } from '../../../../src/core/ports/ports.ts';
import { encodeButtonId } from '../../../../src/core/view/button-id.ts';
import { formOf } from '../../../support/data/forms.ts';
import { calls, entries, type Rig, startRig } from '../support.ts';

const claim = { form: 'discord:1', until: 1_800_000_000_000 };
const takeOver = { approvalId: 'ap_1', action: 'take_over', fingerprint: 'd1gest' } as const;
const form: PressAnswer = { type: 'form', form: formOf(takeOver), claim };

const notes = ({ emulator, userId }: Rig) => emulator.state().messages.filter(({ onlyFor }) => onlyFor === userId);

async function opened(rig: Rig): Promise<string> {
  const { message } = await rig.post();
  rig.answerWith(form);
  await rig.press(message, encodeButtonId(takeOver));
  return message;
}

const until = async (what: string, probe: () => boolean) => {
  for (const end = Date.now() + 5_000; !probe(); ) {
    if (Date.now() > end) throw new Error(`waited 5 s for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

describe('the note of a claim', () => {
  test('follows the form, for its person alone, and offers Release until the claim ends', async (t) => {
    const rig = await startRig(t);
    await opened(rig);
    await until('the note', () => notes(rig).length === 1);
    const [note] = notes(rig);
    assert.match(note?.content ?? '', /yours until <t:1800000000:t>.*Press Release, so that others can decide/);
    assert.match(JSON.stringify(note?.components), /"label":"Release"/);
    assert.match(JSON.stringify(note?.components), /cs2\.ap_1\.h\.0/);
    const [modal, followUp] = [entries(rig, 'callback')[0], calls(rig, /^POST \/webhooks\//)[0]];
    assert.ok(modal && followUp && modal.at <= followUp.at);
  });

  test('is removed once the form was accepted, and stays when it was not', async (t) => {
    const rig = await startRig(t);
    await opened(rig);
    await until('the note', () => notes(rig).length === 1);
    const modal = () => rig.emulator.state().modals[0]?.id ?? '';
    rig.answerWith({ type: 'refused', text: 'The request has changed.' });
    await rig.emulator.submitModal(rig.userId, modal(), { text: 'Done' });
    await until('the refusal', () => notes(rig).length === 2);
    assert.equal(calls(rig, /^DELETE \/webhooks\//).length, 0);
    await opened(rig);
    await until('a newer note in its place', () => calls(rig, /^POST \/webhooks\//).length === 2);
    rig.answerWith({ type: 'accepted' });
    await rig.emulator.submitModal(rig.userId, modal(), { text: 'Done' });
    await until('both to be removed', () => calls(rig, /^DELETE \/webhooks\//).length === 2);
    assert.ok(!notes(rig).some(({ content }) => content.includes('Press Release')));
  });

  test('costs nothing but a line in the log where Discord refuses it, and is never posted where nothing is claimed', async (t) => {
    const rig = await startRig(t);
    rig.emulator.fail('POST /webhooks/:id/:token', { kind: 'status', status: 404, code: 10_015, when: 'before' }, 3);
    await opened(rig);
    await until('the line', () => /note of a claim was not delivered/.test(rig.text()));
    assert.equal(rig.emulator.state().modals.length, 1);
    const { message } = await rig.post({}, 'ap2:card');
    rig.answerWith({ type: 'form', form: formOf({ ...takeOver, action: 'reject' }) });
    const before = calls(rig, /^POST \/webhooks\//).length;
    await rig.press(message);
    assert.equal(calls(rig, /^POST \/webhooks\//).length, before);
  });
});
