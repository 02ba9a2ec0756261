import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Place, Receipt } from '../../src/core/approval/parts/slot.ts';
import type { Person } from '../../src/core/approval/person.ts';
import { PlatformError, type PlatformErrorKind, StoreDoubt } from '../../src/core/ports/errors.ts';
import type {
  ClosedForm,
  FindQuery,
  Handlers,
  ListRequest,
  Platform,
  Press,
  PressAnswer,
} from '../../src/core/ports/ports.ts';
import { type ButtonId, encodeButtonId } from '../../src/core/view/button-id.ts';
import type { Card } from '../../src/core/view/card.ts';
import type { Command } from '../../src/core/view/command.ts';
import type { Details } from '../../src/core/view/details/sections.ts';
import { encodeTurn, mine } from '../../src/core/view/list-query.ts';
import { badFilterText, NO_LIST, type PendingList } from '../../src/core/view/lists/pending-list.ts';
import { FOREIGN_CARD, IN_DOUBT, NOT_DONE, NOT_RECORDED, OUT_OF_DATE } from '../../src/core/view/refusals.ts';
import { formOf } from '../support/data/forms.ts';
import { emptyList } from '../support/data/lists.ts';

/** What goes wrong with a call: before it has an effect, or after. `refused`: the platform refuses the content. */
export type Fault =
  | { kind: 'status'; status: number; when: 'before' | 'after' }
  | { kind: 'reset' | 'hang'; when: 'before' | 'after' }
  | { kind: 'rate_limited'; retryAfterMs: number }
  | { kind: 'refused' };

/** A message as the people in the room see it. */
export interface SeenMessage {
  receipt: Receipt;
  text: string;
  buttonIds: string[];
  /** The first message of its thread; null outside of threads. */
  root: string | null;
}

/** A platform and the emulator that it talks to. */
export interface PlatformUnderTest extends AsyncDisposable {
  platform: Platform;
  place: Place;
  /** A person in the room, as presses must describe them. */
  person: Person;
  received: {
    presses: Press[];
    notShown: Press[];
    closed: ClosedForm[];
    commands: Command[];
    lists: ListRequest[];
    homes: ListRequest[];
  };
  /** How the next presses, commands and requests for a list are answered. */
  answers: Pick<Handlers, 'onPress' | 'onCommand' | 'onList'>;
  /** What everyone sees, oldest first. */
  room(): SeenMessage[];
  /** All text that only this person sees: private messages, open forms with their errors. */
  privateText(): string;
  /** Interactions that the platform got an answer for. */
  acknowledged(): number;
  /** Presses a button by its id; an id that is not on the message is a forged press. @returns whether it was answered */
  press(receipt: Receipt, buttonId: string, deliveries?: number): Promise<boolean>;
  /** A press from another organisation; absent where the platform itself prevents it. */
  pressFromElsewhere?(receipt: Receipt): Promise<boolean>;
  /** Presses a button, by its label, in what only this person sees. */
  pressPrivately(label: string): Promise<boolean>;
  /** A form is open. */
  formIsOpen(): boolean;
  /** Closes the open form without submitting it. */
  closeForm(): void;
  /** Submits the open form. */
  submit(values: Record<string, string>): Promise<boolean>;
  /** Types a slash command with its text. */
  type(command: '/approvals' | '/countersign', text: string): Promise<boolean>;
  /** Opens the home tab; absent where there is none. */
  home?: { open(): Promise<unknown>; text(): string };
  /** The next call of this kind goes wrong. */
  fail(call: 'post' | 'update' | 'form', fault: Fault): void;
  /** Requests to post a message. */
  posts(): number;
  deleteMessage(receipt: Receipt): void;
  /** The bot can no longer see the room. */
  closeRoom(): void;
  revokeToken(): void;
  /** The platform refuses connections. */
  goDown(): Promise<void>;
  /** The time in which a repeated key returns the first message is over. */
  forgetKeys(): void;
  /** Resolves once `probe` gives a value. */
  until<T>(what: string, probe: () => T | undefined): Promise<T>;
  /** The log, and values that it must not contain. */
  logged(): { text: string; secrets: string[] };
}

export interface PlatformHarness {
  /** It says when a form is closed unsent. */
  reportsClosing: boolean;
  /** A repeated key is one message. Otherwise `find` finds the copies. */
  deduplicates: boolean;
  /** `check` reads the room, not only the account. */
  checksRoom: boolean;
  /** A group and its members, where the platform looks them up. */
  group?: { id: string; members: readonly string[] };
  /** What the message about a revoked token names. */
  tokenSetting: RegExp;
  /** @param timeoutMs time limit of one call */
  start(options?: { timeoutMs?: number }): Promise<PlatformUnderTest>;
}

const never = new AbortController().signal;
const STOP_MS = 8_000;
const MINUTE_MS = 60_000;

const buttonOf = (approvalId = 'ap1'): ButtonId => ({ approvalId, action: 'approve', fingerprint: 'd1' });
const approve = encodeButtonId(buttonOf());
const reject = encodeButtonId({ ...buttonOf(), action: 'reject' });
const rejectForm = formOf({ ...buttonOf(), action: 'reject' });

function cardOf(more: Partial<Card> = {}, approvalId = 'ap1'): Card {
  const id = (action: 'approve' | 'reject') => encodeButtonId({ ...buttonOf(approvalId), action });
  return {
    tone: 'open',
    title: 'Refund order',
    summary: 'Needs a decision',
    status: [{ strong: 'Needs a decision' }],
    asker: null,
    quotes: [],
    body: { label: 'Parameters', text: `order ${approvalId}` },
    cautions: [],
    remark: null,
    footer: [],
    buttons: [
      { id: id('approve'), action: 'approve', label: 'Approve', style: 'primary' },
      { id: id('reject'), action: 'reject', label: 'Reject', style: 'danger' },
    ],
    ...more,
  };
}

const details = (text: string): Details => ({ title: 'All of it', sections: [{ kind: 'text', label: 'Input', text }] });

const listOf = (heading: string): PendingList => ({
  ...emptyList,
  heading,
  turns: [{ id: encodeTurn({ ...mine('message'), page: 2 }), name: 'refresh', label: 'Refresh' }],
});

/** What every platform must do, tested through its real library against its emulator. */
export function platformContract(name: string, harness: PlatformHarness): void {
  testCards(name, harness);
  testFailedCalls(name, harness);
  testPresses(name, harness);
  testForms(name, harness);
  testDetailsAndLists(name, harness);
  testStop(name, harness);
}

const post = ({ platform, place }: PlatformUnderTest, key = 'ap1:card', card = cardOf(), signal = never) =>
  platform.post(place, null, card, key, signal);
const query = ({ place }: PlatformUnderTest, key: string, card: Card, approvalId: string): FindQuery => ({
  place,
  thread: null,
  card,
  key,
  approvalId,
  since: Date.now() - 2 * MINUTE_MS,
  receipt: null,
  last: false,
});
const messageAt = (world: PlatformUnderTest, { message }: Receipt) =>
  world.room().find(({ receipt }) => receipt.message === message) ?? assert.fail(`no message ${message}`);

function testCards(name: string, harness: PlatformHarness): void {
  describe(`${name}: cards`, () => {
    test('a post returns the receipt of a message with the card’s text and buttons', async () => {
      await using world = await harness.start();
      const receipt = await post(world);
      assert.equal(receipt.platform, world.platform.name);
      assert.equal(receipt.room, world.place.room);
      const [message, ...others] = world.room();
      assert.deepEqual(others, []);
      assert.deepEqual(message?.receipt, receipt);
      for (const text of ['Refund order', 'Needs a decision', 'order ap1'])
        assert.ok(message?.text.includes(text), text);
      assert.deepEqual(message?.buttonIds, [approve, reject]);
      assert.equal(world.posts(), 1);
    });

    test('two posts with one key are one message, or both are found by the key', async () => {
      await using world = await harness.start();
      const first = await post(world);
      const second = await post(world);
      await post(world, 'ap2:card', cardOf({}, 'ap2'));
      if (harness.deduplicates) {
        assert.deepEqual(second, first);
        assert.equal(world.room().length, 2);
      } else {
        const found = await world.platform.find?.(query(world, 'ap1:card', cardOf(), 'ap1'), never);
        assert.deepEqual(found, [first, second]);
      }
    });

    test('find returns the copies of a card, oldest first; a removed copy is gone, and can be removed again', async () => {
      await using world = await harness.start();
      const { platform } = world;
      assert.ok(platform.find !== undefined && platform.remove !== undefined);
      const first = await post(world);
      world.forgetKeys();
      await post(world, 'ap2:card', cardOf({}, 'ap2'));
      const second = await post(world);
      const search = query(world, 'ap1:card', cardOf(), 'ap1');
      assert.deepEqual(await platform.find(search, never), [first, second]);
      assert.deepEqual(await platform.find(query(world, 'ap3:card', cardOf({}, 'ap3'), 'ap3'), never), []);
      await platform.remove(second, never);
      assert.deepEqual(await platform.find(search, never), [first]);
      await platform.remove(second, never);
      assert.equal(world.room().length, 2);
    });

    test('an update changes its message, removes its buttons, and changes no other', async () => {
      await using world = await harness.start();
      const [first, second] = [await post(world), await post(world, 'ap2:card', cardOf({}, 'ap2'))];
      const before = messageAt(world, second);
      await world.platform.update(first, cardOf({ tone: 'good', status: ['Approved by Dana'], buttons: [] }), never);
      const after = messageAt(world, first);
      assert.ok(after.text.includes('Approved by Dana'));
      assert.deepEqual(after.buttonIds, []);
      assert.deepEqual(messageAt(world, second), before);
      assert.equal(world.room().length, 2);
    });

    test('an update of a deleted message is gone, and says that it was deleted', async () => {
      await using world = await harness.start();
      const receipt = await post(world);
      world.deleteMessage(receipt);
      const error = await failure(world.platform.update(receipt, cardOf(), never), 'gone');
      assert.deepEqual([error.deleted, error.closed], [true, false]);
    });

    test('a follow-up is in the thread of the first card, and is posted if that was deleted', async () => {
      await using world = await harness.start();
      const { platform, place } = world;
      const root = await post(world);
      const thread = { root, title: 'Refund order' };
      const followUp = await platform.post(place, thread, cardOf({ title: 'Result' }), 'ap1:result', never);
      assert.equal(messageAt(world, followUp).root, root.message);
      const other = await post(world, 'ap2:card', cardOf({}, 'ap2'));
      world.deleteMessage(other);
      const alone = await platform.post(place, { ...thread, root: other }, cardOf({}, 'ap3'), 'ap3:card', never);
      assert.equal(messageAt(world, alone).root, null);
    });

    test('render gives what an update sends: the same for an equal card, and another for a changed one', async () => {
      await using world = await harness.start();
      const { render } = world.platform;
      assert.ok(render !== undefined);
      const json = (card: Card) => JSON.stringify(render(card));
      assert.equal(json(cardOf()), json(cardOf()));
      for (const more of [{ title: 'Other' }, { status: ['Approved'] }, { buttons: [] }, { tone: 'good' as const }])
        assert.notEqual(json(cardOf(more)), json(cardOf()), JSON.stringify(more));
    });

    test('verify passes for a message, changes nothing, and is gone for a deleted one', async () => {
      await using world = await harness.start();
      const { verify } = world.platform;
      assert.ok(verify !== undefined);
      const receipt = await post(world);
      const before = world.room();
      await verify(receipt, never);
      assert.deepEqual(world.room(), before);
      world.deleteMessage(receipt);
      assert.equal((await failure(verify(receipt, never), 'gone')).deleted, true);
    });

    test('check passes for a good account', async () => {
      await using world = await harness.start();
      await world.platform.check(never);
    });
  });
}

function testFailedCalls(name: string, harness: PlatformHarness): void {
  describe(`${name}: failed calls`, () => {
    test('refused content is refused, for this message only', async () => {
      await using world = await harness.start();
      world.fail('post', { kind: 'refused' });
      const error = await failure(post(world), 'content');
      assert.equal(error.closed, false);
      assert.deepEqual(world.room(), []);
      const receipt = await post(world);
      world.fail('update', { kind: 'refused' });
      await failure(world.platform.update(receipt, cardOf({ title: 'Other' }), never), 'content');
    });

    const ambiguous: [Fault, number][] = [
      [{ kind: 'reset', when: 'before' }, 0],
      [{ kind: 'reset', when: 'after' }, 1],
      [{ kind: 'status', status: 503, when: 'before' }, 0],
      [{ kind: 'status', status: 500, when: 'after' }, 1],
      [{ kind: 'hang', when: 'after' }, 1],
    ];
    for (const [fault, posted] of ambiguous) {
      const title = fault.kind === 'status' ? `status ${fault.status}` : fault.kind;
      const when = 'when' in fault ? fault.when : '';
      test(`a ${title} ${when} the effect is ambiguous, is one request, and the card is found or posted once`, async () => {
        await using world = await harness.start(fault.kind === 'hang' ? { timeoutMs: 1_000 } : {});
        world.fail('post', fault);
        await failure(post(world), 'ambiguous');
        assert.equal(world.posts(), 1);
        assert.equal(world.room().length, posted);
        if (harness.deduplicates) {
          await post(world);
          assert.equal(world.room().length, 1);
        } else {
          const found = await world.platform.find?.(query(world, 'ap1:card', cardOf(), 'ap1'), never);
          assert.equal(found?.length, posted);
        }
      });
    }

    test('an update without an answer is ambiguous', async () => {
      await using world = await harness.start();
      const receipt = await post(world);
      world.fail('update', { kind: 'reset', when: 'after' });
      await failure(world.platform.update(receipt, cardOf({ title: 'Other' }), never), 'ambiguous');
      assert.ok(messageAt(world, receipt).text.includes('Other'));
    });

    test('a rate limit is unsent, names the wait, and is one request', async () => {
      await using world = await harness.start();
      world.fail('post', { kind: 'rate_limited', retryAfterMs: 2_000 });
      const { retryAfterMs } = await failure(post(world), 'unsent');
      assert.ok(retryAfterMs !== null && retryAfterMs >= 2_000 && retryAfterMs < 4_000, `${retryAfterMs}`);
      assert.equal(world.posts(), 1);
      assert.deepEqual(world.room(), []);
    });

    test('an unreachable platform is unsent', async () => {
      await using world = await harness.start();
      await world.goDown();
      // The first call may use a connection that closes under it, and is then ambiguous.
      await post(world).catch(() => {});
      const { retryAfterMs, closed } = await failure(post(world), 'unsent');
      assert.deepEqual([retryAfterMs, closed], [null, false]);
    });

    test('an aborted call is unsent before the request, ambiguous during it', async () => {
      await using world = await harness.start();
      await failure(post(world, 'k', cardOf(), AbortSignal.abort()), 'unsent');
      assert.equal(world.posts(), 0);
      const stop = new AbortController();
      world.fail('post', { kind: 'hang', when: 'after' });
      const pending = failure(post(world, 'k', cardOf(), stop.signal), 'ambiguous');
      await world.until('the post', () => world.room()[0]);
      stop.abort();
      await pending;
    });

    test('a room that the bot can’t see is closed, and the message says what to do', async () => {
      await using world = await harness.start();
      world.closeRoom();
      const error = await failure(post(world), 'gone');
      assert.deepEqual([error.closed, error.scope, error.deleted], [true, 'room', false]);
      assert.match(error.message, /invite/i);
      if (!harness.checksRoom) return;
      const checked = await failure(world.platform.check(never), 'gone');
      assert.match(checked.message, /invite/i);
    });

    const calls = { check: ({ platform }: PlatformUnderTest) => platform.check(never), post };
    for (const [call, run] of Object.entries(calls)) {
      test(`a revoked token is refused by ${call}, and the message names the setting`, async () => {
        await using world = await harness.start();
        world.revokeToken();
        const error = await failure(run(world), 'refused');
        assert.equal(error.scope, 'platform');
        assert.match(error.message, harness.tokenSetting);
      });
    }
  });
}

function testPresses(name: string, harness: PlatformHarness): void {
  describe(`${name}: presses`, () => {
    test('a press reaches the handler with its button and person, and is acknowledged silently', async () => {
      await using world = await harness.start();
      const receipt = await post(world);
      assert.equal(await world.press(receipt, approve), true);
      const [press, ...others] = world.received.presses;
      assert.deepEqual(others, []);
      assert.ok(press !== undefined && press.id !== '');
      const { platform, person } = world;
      assert.deepEqual(press, { id: press.id, platform: platform.name, ...person, buttonId: buttonOf(), form: null });
      assert.equal(world.privateText(), '');
      assert.equal(world.room().length, 1);
    });

    test('a press is acknowledged only after the handler resolves', async () => {
      await using world = await harness.start();
      const receipt = await post(world);
      const { promise, resolve } = Promise.withResolvers<PressAnswer>();
      world.answers.onPress = () => promise;
      const pressed = world.press(receipt, approve);
      await world.until('the handler', () => world.received.presses[0]);
      // Another call completes meanwhile: an early acknowledgement would have arrived, too.
      await post(world, 'ap2:card', cardOf({}, 'ap2'));
      assert.equal(world.acknowledged(), 0);
      resolve({ type: 'accepted' });
      assert.equal(await pressed, true);
      assert.equal(world.acknowledged(), 1);
    });

    test('a press that is delivered twice has one id; another press has another', async () => {
      await using world = await harness.start();
      const receipt = await post(world);
      await world.press(receipt, approve, 2);
      await world.press(receipt, approve);
      // A platform may also recognise the second delivery itself.
      const ids = world.received.presses.map(({ id }) => id);
      assert.equal(new Set(ids).size, 2);
      assert.notEqual(ids[0], ids.at(-1));
    });

    test('a press that is not recorded is answered privately, and says so', async () => {
      await using world = await harness.start();
      world.answers.onPress = () => Promise.reject(new Error('disk full'));
      const receipt = await post(world);
      assert.equal(await world.press(receipt, approve), true);
      await privateAnswer(world, NOT_RECORDED);
      assert.equal(world.room().length, 1);
    });

    test('a press of which it is not known whether it is recorded is answered so', async () => {
      await using world = await harness.start();
      world.answers.onPress = () => Promise.reject(new StoreDoubt('the database does not answer'));
      const receipt = await post(world);
      assert.equal(await world.press(receipt, approve), true);
      await privateAnswer(world, IN_DOUBT);
    });

    for (const type of ['refused', 'notified'] as const) {
      test(`an answer of type ${type} is shown to the person alone, character by character`, async () => {
        await using world = await harness.start();
        const text = 'Only *reviewers* may <!here> decide @everyone';
        world.answers.onPress = async () => ({ type, text });
        await world.press(await post(world), approve);
        await privateAnswer(world, text);
        assert.equal(world.room().length, 1);
      });
    }

    for (const forged of ['cs9.what.ever', 'cs2.ap1.z.d1', 'cs2..a.', 'cs2.ap1.a']) {
      test(`a button id that is malformed (${forged}) never reaches the handler`, async () => {
        await using world = await harness.start();
        assert.equal(await world.press(await post(world), forged), true);
        await privateAnswer(world, OUT_OF_DATE);
        assert.deepEqual(world.received.presses, []);
      });
    }

    test('a press from another organisation never reaches the handler', async (t) => {
      await using world = await harness.start();
      if (world.pressFromElsewhere === undefined) return t.skip('the platform itself prevents it');
      assert.equal(await world.pressFromElsewhere(await post(world)), true);
      await privateAnswer(world, FOREIGN_CARD);
      assert.deepEqual(world.received.presses, []);
    });
  });
}

function testForms(name: string, harness: PlatformHarness): void {
  describe(`${name}: forms`, () => {
    /** Opens the form of Reject, and answers what is submitted. */
    async function openForm(
      world: PlatformUnderTest,
      submitted: (press: Press) => Promise<PressAnswer>,
    ): Promise<void> {
      world.answers.onPress = (press) =>
        press.form === null ? Promise.resolve({ type: 'form', form: rejectForm }) : submitted(press);
      await world.press(await post(world), reject);
      await world.until('the form', () => (world.formIsOpen() ? true : undefined));
    }

    test('a form opens for the person alone; its submission arrives once, and closes it', async () => {
      await using world = await harness.start();
      await openForm(world, async () => ({ type: 'accepted' }));
      assert.ok(world.privateText().includes('Why?'));
      assert.equal(world.room().length, 1);
      assert.equal(await world.submit({ text: 'Wrong order.\n<b> *now*' }), true);
      const [opening, submission, ...others] = world.received.presses;
      assert.deepEqual(others, []);
      assert.deepEqual(submission?.form, { text: 'Wrong order.\n<b> *now*' });
      const { page: _, ...button } = submission?.buttonId ?? assert.fail();
      assert.deepEqual(button, rejectForm.buttonId);
      assert.deepEqual({ actor: submission?.actor, roles: submission?.roles }, world.person);
      assert.notEqual(submission?.id, opening?.id);
      assert.equal(world.formIsOpen(), false);
      assert.equal(world.privateText(), '');
    });

    const claim = { form: 'the press', until: Date.now() + MINUTE_MS };
    const { approvalId } = rejectForm.buttonId;
    async function openClaimed(world: PlatformUnderTest, submitted: PressAnswer): Promise<void> {
      world.answers.onPress = async (press) =>
        press.form === null && press.buttonId.action === 'reject'
          ? { type: 'form', form: rejectForm, claim }
          : submitted;
      await world.press(await post(world), reject);
      await world.until('the form', () => (world.formIsOpen() ? true : undefined));
    }

    test('a form that something was claimed for reports that it was closed unsent, or a note offers Release', async () => {
      await using world = await harness.start();
      await openClaimed(world, { type: 'accepted' });
      world.closeForm();
      if (harness.reportsClosing) {
        await world.until('the closing', () => world.received.closed[0]);
        assert.deepEqual(world.received.closed, [{ approvalId, form: claim.form, actor: world.person.actor }]);
        return;
      }
      await world.until('the note', () => (world.privateText().includes('Release') ? true : undefined));
      await world.pressPrivately('Release');
      const { action, approvalId: released } = world.received.presses.at(-1)?.buttonId ?? assert.fail();
      assert.deepEqual([action, released], ['hand_back', approvalId]);
      assert.deepEqual(world.received.closed, []);
    });

    test('a form that was submitted is not reported as closed, and a refused one ends its claim once', async () => {
      await using world = await harness.start();
      await openClaimed(world, { type: 'accepted' });
      await world.submit({ text: 'Done by hand' });
      await world.until('the form to close', () => (world.formIsOpen() ? undefined : true));
      assert.deepEqual(world.received.closed, []);
      await world.until('no note', () => (world.privateText().includes('Release') ? undefined : true));
      await openClaimed(world, { type: 'refused', text: 'The request has changed.' });
      await world.submit({ text: 'Done by hand' });
      await privateAnswer(world, 'The request has changed.');
      // What is shown in place of the form is not the form: its claim is over at once, or has its note.
      if (!harness.reportsClosing) {
        await world.until('its note', () => (world.privateText().includes('Release') ? true : undefined));
        return;
      }
      await world.until('the end of the form', () => world.received.closed[0]);
      world.closeForm();
      await world.press(await post(world, 'ap2:card'), reject);
      assert.equal(world.received.closed.length, 1);
    });

    test('an invalid answer comes back with its error, and can be corrected without typing it again', async () => {
      await using world = await harness.start();
      let submissions = 0;
      await openForm(world, async (press) => {
        submissions += 1;
        if (submissions > 1) return { type: 'accepted' };
        const form = { ...rejectForm, filled: press.form ?? {} };
        // A platform that closed the form opens it again from what is saved.
        world.answers.onPress = async (next) => {
          if (next.form !== null) return { type: 'accepted' };
          return { type: 'form', form };
        };
        return { type: 'invalid', form, errors: { text: 'Too short' } };
      });
      await world.submit({ text: 'No' });
      await privateAnswer(world, 'Too short');
      if (!world.formIsOpen()) {
        await world.pressPrivately('Fix');
        await world.until('the form', () => (world.formIsOpen() ? true : undefined));
        assert.ok(world.privateText().includes('No'), 'the answer is filled in');
      }
      await world.submit({ text: 'No refunds' });
      assert.deepEqual(world.received.presses.at(-1)?.form, { text: 'No refunds' });
      assert.equal(world.formIsOpen(), false);
    });

    test('a submission that is not recorded says so, and does not lose what was written', async () => {
      await using world = await harness.start();
      await openForm(world, () => Promise.reject(new Error('disk full')));
      await world.submit({ text: 'Wrong order' });
      await world.until('the answer', () => (world.privateText().includes('Nothing was recorded.') ? true : undefined));
      assert.ok(world.formIsOpen() || world.privateText().includes('Wrong order'));
    });

    test('a submission in doubt does not claim that nothing was recorded, and does not lose what was written', async () => {
      await using world = await harness.start();
      await openForm(world, () => Promise.reject(new StoreDoubt('the database does not answer')));
      await world.submit({ text: 'Wrong order' });
      await world.until('the answer', () => (world.privateText().includes(IN_DOUBT) ? true : undefined));
      assert.doesNotMatch(world.privateText(), /Nothing was recorded/);
      assert.ok(world.formIsOpen() || world.privateText().includes('Wrong order'));
    });

    test('a refused submission says why, and returns what was written', async () => {
      await using world = await harness.start();
      await openForm(world, async () => ({ type: 'refused', text: 'Too late' }));
      await world.submit({ text: 'Wrong order' });
      await privateAnswer(world, 'Too late');
      assert.ok(world.privateText().includes('Wrong order'));
      assert.equal(world.room().length, 1);
    });
  });
}

function testDetailsAndLists(name: string, harness: PlatformHarness): void {
  describe(`${name}: details and lists`, () => {
    test('details are shown to the person alone, and turn page by page', async () => {
      await using world = await harness.start();
      const text = `${'start '.repeat(400)}${'middle '.repeat(1_200)}`;
      world.answers.onPress = async ({ buttonId }) => ({
        type: 'details',
        view: {
          approvalId: buttonId.approvalId,
          fingerprint: 'd1',
          details: details(text),
          page: buttonId.page?.at ?? 0,
        },
      });
      await world.press(await post(world), approve);
      await privateAnswer(world, 'All of it');
      assert.ok(world.privateText().includes('start start'));
      await world.pressPrivately('Next ›');
      await world.until('page 2', () => (world.privateText().includes('Page 2 of ') ? true : undefined));
      assert.equal(world.privateText().includes('Page 1 of '), false);
      const { page, ...turned } = world.received.presses.at(-1)?.buttonId ?? {};
      assert.deepEqual(turned, { approvalId: 'ap1', action: 'details', fingerprint: 'd1' });
      assert.equal(page?.at, 1);
      assert.equal(world.room().length, 1);
    });

    test('/approvals shows a list to the person alone; a turn replaces it', async () => {
      await using world = await harness.start();
      world.answers.onList = async () => listOf('One request');
      assert.equal(await world.type('/approvals', 'all'), true);
      await privateAnswer(world, 'One request');
      world.answers.onList = async () => listOf('Two requests');
      await world.pressPrivately('Refresh');
      await privateAnswer(world, 'Two requests');
      assert.equal(world.privateText().includes('One request'), false);
      const { actor } = world.person;
      assert.deepEqual(
        world.received.lists.map(({ who, query }) => [who.actor.id, query]),
        [
          [actor.id, { surface: 'message', page: 0, filter: { type: 'all' } }],
          [actor.id, { surface: 'message', page: 2, filter: { type: 'mine' } }],
        ],
      );
      assert.deepEqual(world.room(), []);
    });

    test('/approvals with a filter that can’t be one, and a list that can’t be loaded, say so', async () => {
      await using world = await harness.start();
      await world.type('/approvals', 'two words');
      await privateAnswer(world, badFilterText('two words'));
      assert.deepEqual(world.received.lists, []);
      world.answers.onList = () => Promise.reject(new Error('disk full'));
      await world.type('/approvals', '');
      await privateAnswer(world, NO_LIST);
    });

    test('/countersign arrives with its person and place, and is answered privately after the handler', async () => {
      await using world = await harness.start();
      world.answers.onCommand = async () => ({ text: 'Starting desk', rooms: [] });
      assert.equal(await world.type('/countersign', 'run desk two words'), true);
      await privateAnswer(world, 'Starting desk');
      const [command, ...others] = world.received.commands;
      assert.deepEqual(others, []);
      assert.ok(command !== undefined && command.id !== '');
      assert.deepEqual(command, {
        id: command.id,
        platform: world.platform.name,
        ...world.person,
        place: world.place,
        ask: { verb: 'run', name: 'desk', text: 'two words' },
      });
      assert.deepEqual(world.room(), []);
    });

    test('/countersign that is not recorded says so', async () => {
      await using world = await harness.start();
      world.answers.onCommand = () => Promise.reject(new Error('disk full'));
      await world.type('/countersign', 'run desk');
      await privateAnswer(world, NOT_DONE);
    });

    test('a home tab is requested when it is opened, and shows the list', async (t) => {
      await using world = await harness.start();
      const { home, platform, person } = world;
      assert.equal(home === undefined, platform.showHome === undefined);
      if (home === undefined || platform.showHome === undefined) return t.skip('there is no home tab');
      await home.open();
      const [look] = world.received.homes;
      assert.equal(look?.who.actor.id, person.actor.id);
      assert.deepEqual(look?.query, mine('home'));
      await platform.showHome(person.actor.id, listOf('One request'), never);
      assert.ok(home.text().includes('One request'));
      assert.deepEqual(world.room(), []);
    });

    test('the members of a group are looked up, or presses bring their roles', async () => {
      await using world = await harness.start();
      const { members } = world.platform;
      assert.equal(members === undefined, harness.group === undefined);
      if (members === undefined || harness.group === undefined) {
        assert.ok((world.person.roles ?? []).length > 0);
      } else {
        assert.deepEqual(await members(harness.group.id, never), harness.group.members);
      }
    });
  });
}

function testStop(name: string, harness: PlatformHarness): void {
  describe(`${name}: its end`, () => {
    test('stop waits for the press in progress, ends in time, and can be called again', async () => {
      await using world = await harness.start();
      const receipt = await post(world);
      const { promise, resolve } = Promise.withResolvers<PressAnswer>();
      world.answers.onPress = () => promise;
      const pressed = world.press(receipt, approve);
      await world.until('the handler', () => world.received.presses[0]);
      const stopped = world.platform.stop();
      resolve({ type: 'accepted' });
      assert.equal(await pressed, true);
      await within(STOP_MS, stopped);
      await within(STOP_MS, world.platform.stop());
    });

    test('no token and no text of a card is logged', async () => {
      await using world = await harness.start();
      const receipt = await post(world);
      world.answers.onPress = async () => ({ type: 'refused', text: 'private text' });
      await world.press(receipt, 'cs9.what.ever');
      await world.press(receipt, approve);
      world.fail('post', { kind: 'refused' });
      await post(world, 'k').catch(() => {});
      await world.platform.stop();
      const { text, secrets } = world.logged();
      assert.notEqual(text, '');
      for (const secret of [...secrets, 'order ap1', 'private text']) assert.ok(!text.includes(secret), secret);
    });
  });
}

/** The person sees this text, and it is nowhere in the room. */
async function privateAnswer(world: PlatformUnderTest, text: string): Promise<void> {
  await world.until(`the private answer "${text}"`, () => (world.privateText().includes(text) ? true : undefined));
  assert.ok(world.room().every((message) => !message.text.includes(text)));
}

async function failure(work: Promise<unknown>, kind: PlatformErrorKind): Promise<PlatformError> {
  const error = await work.then(
    () => assert.fail('it must fail'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof PlatformError, String(error));
  assert.equal(error.kind, kind, error.message);
  return error;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not finished within ${ms} ms`)), ms);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
