/** A night with a policy, on a fake clock: what each room reads on both platforms, hour by hour, over a restart. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import type { PolicyDocument } from '../../../src/core/policy/rules/document.ts';
import type { Card } from '../../../src/core/view/card.ts';
import { parseListVerb } from '../../../src/core/view/command.ts';
import { renderMessage as renderDiscord } from '../../../src/platforms/discord/render/message.ts';
import { renderMessage as renderSlack } from '../../../src/platforms/slack/render/message.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { discordRoom, pauseOf, slackRoom } from '../../support/data/pauses.ts';
import { accountsOf, documentOf, groupsOf, ruleOf, verbOf, who } from '../../support/data/policies.ts';
import { createTestEngine, type Engine } from '../../support/worlds/engine.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ZONE = 'Europe/Berlin';
const ops = { platform: 'slack', room: 'C0OPS' };
const asked = Date.parse('2026-11-30T18:50:00Z');

/** The rule of a night: a reminder, then the people on call, then a rejection; quiet from 20:00 to 7:00. */
function nightOf(more: Partial<Parameters<typeof ruleOf>[0]> = {}): PolicyDocument {
  return documentOf({
    people: accountsOf({ mara: ['slack:U0MARA', 'discord:1001'], jon: ['slack:U0JON'], ana: ['slack:U0ANA'] }),
    groups: groupsOf({ Finance: ['mara', 'jon'], Oncall: ['schedule:primary'] }),
    schedules: new Map([
      ['primary', { kind: 'ical' as const, url: 'https://calendar.example.com/oncall.ics', zone: ZONE }],
    ]),
    rules: [
      ruleOf({
        name: 'refunds',
        rooms: [slackRoom, discordRoom],
        mention: ['Finance'],
        verbs: verbOf(['Finance'], { count: 2 }, ['approve', 'reject']),
        remind: { afterMs: [10 * MINUTE_MS, HOUR_MS], to: 'thread' },
        escalate: [{ afterMs: 13 * HOUR_MS + 50 * MINUTE_MS, rooms: [ops], mention: [who('Oncall')] }],
        expire: { afterMs: 16 * HOUR_MS + 10 * MINUTE_MS, end: 'reject' },
        quiet: { from: 20 * 60, to: 7 * 60, zone: ZONE, exceptDangerous: true },
        ...more,
      }),
    ],
  });
}

/** Jon is away this week: Ana is on call for him. */
const onDuty = () => ({ type: 'known' as const, who: [who('ana')], strangers: [] });

const clockTime = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' });
const at = (seconds: number) => clockTime.format(seconds * 1000);

/** As people read it there, with the times in their zone. */
function linesOf(platform: string, card: Card): string[] {
  const text = platform === 'slack' ? slackText(renderSlack(card).blocks) : discordText(renderDiscord(card));
  return text
    .split('\n')
    .map((line) => line.replaceAll('**', '').trim())
    .filter((line) => line !== '');
}

function slackText(value: unknown): string {
  if (Array.isArray(value)) return value.map(slackText).join('');
  if (typeof value !== 'object' || value === null) return '';
  const { type, text, timestamp, elements, block_id: _, ...rest } = value as Record<string, unknown>;
  if (type === 'date') return at(Number(timestamp));
  if (type === 'actions') return '';
  if (type === 'user') return `@${(value as Record<string, unknown>)['user_id']}`;
  const own =
    typeof text === 'string' ? text.replace(/<!date\^(\d+)\^[^>]*>/g, (_all, sec) => at(Number(sec))) : slackText(text);
  const inner =
    type === 'text' || type === 'plain_text' || type === 'mrkdwn'
      ? own
      : `${own}${slackText(elements)}${slackText(Object.values(rest))}`;
  return /section|header|context$|preformatted|quote|_list/.test(String(type)) ? `${inner}\n` : inner;
}

function discordText({ content, embeds, components: _ }: Record<string, unknown>): string {
  const all = [
    content,
    ...(embeds as Record<string, unknown>[]).flatMap(({ title, description }) => [title, description]),
  ];
  const text = all.filter((one) => typeof one === 'string').join('\n');
  return text.replace(/<t:(\d+):[A-Za-z]>/g, (_all, sec) => at(Number(sec))).replace(/^-# |\\(?=[^0-9A-Za-z\s])/gm, '');
}

/** What each room reads that it did not read before; `+`: a new message. */
function createReader() {
  const seen = new Map<string, string[]>();
  return (engine: Engine): string[] =>
    engine.messages.flatMap(({ platform, room, cards, key }) => {
      const card = cards.at(-1);
      const id = `${platform} ${room} ${key}`;
      const before = seen.get(id);
      const now = card === undefined ? [] : linesOf(platform, card);
      seen.set(id, now);
      const news = now.filter((line) => before?.includes(line) !== true);
      const pings =
        before === undefined && (cards[0]?.pings ?? []).length > 0
          ? [`calls ${cards[0]?.pings?.map((one) => one.id).join(', ')}`]
          : [];
      return news.length === 0
        ? []
        : [
            `${before === undefined ? '+' : ' '} ${platform} ${room}`,
            ...[...pings, ...news].map((line) => `    ${line}`),
          ];
    });
}

async function settled(engine: Engine) {
  for (let turn = 0; turn < 40; turn += 1) await engine.store.release('nobody');
}

/** @param time in Berlin: `07:00`, of the next day where it is before 19:50 */
async function until(engine: Engine, clock: TestClock, time: string) {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const day = hour < 19 ? 1 : 0;
  const end = Date.parse('2026-11-30T00:00:00+01:00') + day * 24 * HOUR_MS + hour * HOUR_MS + minute * MINUTE_MS;
  while (clock.now() < end) {
    clock.advance(Math.min(10 * MINUTE_MS, end - clock.now()));
    await settled(engine);
  }
}

async function night(
  document: PolicyDocument,
  hours: readonly string[],
  act: (engine: Engine, time: string) => Promise<void> = async () => {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-night-'));
  const clock = createTestClock(asked);
  const read = createReader();
  const start = async () => {
    const engine = createTestEngine({ clock, file: join(folder, 'a.db'), document, onDuty });
    await engine.recover();
    engine.outbox.start();
    return engine;
  };
  let engine = await start();
  try {
    const pause = pauseOf({ reason: null, description: null });
    await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
    await settled(engine);
    const story = ['19:50', ...read(engine)];
    for (const time of hours) {
      if (time === 'restart') {
        await engine.stop();
        const { messages } = engine;
        // It is down for an hour.
        clock.advance(HOUR_MS);
        engine = await start();
        engine.messages.push(...messages);
        story.push('restart');
        await settled(engine);
        continue;
      }
      await until(engine, clock, time);
      await act(engine, time);
      await settled(engine);
      story.push(time, ...read(engine));
    }
    return {
      story: story.join('\n'),
      engine,
      calls: engine.calls,
      audit: await engine.store.audit(engine.idOf(pause.key)),
    };
  } finally {
    await engine.stop();
    rmSync(folder, { recursive: true });
  }
}

const mara = { platform: 'slack', id: 'U0MARA', name: 'Mara Lind' };
const jon = { platform: 'slack', id: 'U0JON', name: 'Jon Weber' };
const ana = { platform: 'slack', id: 'U0ANA', name: 'Ana Prado' };

async function sign(engine: Engine, actor: Actor) {
  const approvalId = engine.idOf('approval:appr_1');
  const fingerprint = (await engine.store.get(approvalId))?.fingerprint ?? '';
  return engine.onPress(engine.press({ actor, buttonId: { approvalId, fingerprint, action: 'approve' } }));
}

/** @param typed behind `/approvals` */
async function type(engine: Engine, actor: Actor, typed: string): Promise<string> {
  const ask = parseListVerb(typed);
  assert.ok(ask !== null, typed);
  const { platform } = actor;
  const command = { id: `${actor.id} ${typed}`, platform, actor, roles: [], place: slackRoom, ask };
  return (await engine.onCommand(command)).text;
}

const leaves = 'away until Wednesday → @ana';

const hours = ['20:00', '21:00', 'restart', '06:59', '07:00', '08:00', '09:39', '09:40', '11:59', '12:00', '12:30'];

describe('a night', () => {
  test('asked at 19:50: quiet until 7:00, a reviewer away, a reminder, a signature, the people on call, and the end', async () => {
    const { story, calls, audit } = await night(nightOf(), hours, async (engine, time) => {
      if (time === '21:00') await type(engine, jon, leaves);
      if (time === '08:00') await sign(engine, mara);
    });
    assert.equal(story, STORY);
    assert.deepEqual(
      calls.map(({ actions }) => actions),
      [['reject']],
    );
    const steps = audit.filter(({ input }) => ['reminder_due', 'escalation_due', 'time_ended', 'sent'].includes(input));
    assert.deepEqual(
      steps.map(({ input, ignored }) => [input, ignored]),
      [
        ['reminder_due', null],
        ['escalation_due', null],
        ['time_ended', null],
        ['sent', null],
      ],
    );
  });

  test('has a reviewer who went away at night, and the deputy signs in the morning: cards and audit log name both', async () => {
    const answers: string[] = [];
    const { story, calls, audit } = await night(
      nightOf(),
      ['21:00', 'restart', '07:00', '08:00', '08:30'],
      async (engine, time) => {
        if (time === '21:00') answers.push(await type(engine, jon, leaves));
        if (time === '08:00') await sign(engine, mara);
        if (time === '08:30') answers.push((await sign(engine, ana)).type);
      },
    );
    assert.match(answers[0] ?? '', /^ana stands in for you until Wed, 2 Dec 2026, 09:00 \(Europe\/Berlin\)\./);
    assert.equal(answers[1], 'accepted');
    assert.match(
      story,
      /21:00\n {2}slack C0ROOM\n.*Jon Weber is away: ana stands in\.\n {2}discord 4100\n.*ana stands in\./,
    );
    assert.match(story, /08:00\n {2}slack C0ROOM\n {4}1 of 2 approvals: @U0MARA\./);
    assert.match(story, /08:30\n {2}slack C0ROOM\n.*\n {4}Approved by @U0MARA and @U0ANA for Jon Weber\. · 08:30/);
    assert.match(story, /Approved by Mara Lind and Ana Prado for Jon Weber\. · 08:30/);
    assert.deepEqual(
      calls.map(({ actions }) => actions),
      [['approve']],
    );
    const signed = audit.filter(({ input }) => input === 'pressed').map(({ actor }) => [actor?.name, actor?.inPlaceOf]);
    assert.deepEqual(signed, [
      ['Mara Lind', undefined],
      ['Ana Prado', { person: 'jon', name: 'Jon Weber' }],
    ]);
  });

  test('holds nothing back that is dangerous, and calls who is on call at night', async () => {
    const verbs = verbOf(['Finance'], { confirm: true }, ['approve', 'reject']);
    const escalate = [{ afterMs: HOUR_MS, rooms: [ops], mention: [who('Oncall')] }];
    const { story } = await night(nightOf({ verbs, escalate }), ['19:59', '20:00', '20:49', '20:50']);
    assert.match(story, /Reminder at 20:00, then reminder at 20:50, then @Oncall at 20:50; rejected at 12:00 if/);
    assert.match(story, /19:59\n20:00\n[\s\S]*\+ slack C0ROOM\n {4}calls U0MARA, U0JON\n {4}🛑 Reminder:/);
    assert.match(story, /20:49\n20:50\n[\s\S]*\+ slack C0OPS\n {4}calls U0ANA\n/);
  });

  test('ends by itself where the policy leaves it: nothing is sent, and its buttons are gone', async () => {
    const expire = { afterMs: HOUR_MS, end: 'leave' as const };
    const { story, calls, engine } = await night(nightOf({ expire, remind: null, escalate: [] }), ['restart', '21:00']);
    assert.match(story, /Closed here at 20:50 if nobody decides\./);
    assert.match(
      story,
      /restart\n21:00\n[\s\S]*Expired without a decision\. Runtype was sent nothing, and may still wait\./,
    );
    assert.deepEqual(calls, []);
    const buttons = engine.messages.flatMap(({ cards }) => cards.at(-1)?.buttons.map(({ action }) => action) ?? []);
    assert.deepEqual(new Set(buttons), new Set(['details']));
  });
});

/** Times of day are Berlin’s. `+`: a new message; otherwise, what a message says that it did not say before. */
const STORY = `19:50
+ slack C0ROOM
    calls U0MARA, U0JON
    ⏳ Refund order A-1009 · amount 42.5
    Needs a decision. It takes 2 approvals. Expires 12:00, 16 hours after it was asked.
    “Order desk” wants to run refund_order
    Parameters
    orderId: A-1009
    amount:  42.5
    🆕 First time: nothing was approved before for this tool and this asker.
    Reminder at 07:00, then @Oncall at 09:40; rejected at 12:00 if nobody decides.
    Rule “refunds”: 2 of Finance. Who may decide: 3 reviewers.
    Runtype · asked19:50· in Slack and Discord
+ discord 4100
    calls 1001
    Refund order A-1009 · amount 42.5: Needs a decision. It takes 2 approvals. Expires 16 hours after it was asked.
    ⏳ Refund order A-1009 · amount 42.5
    Needs a decision. It takes 2 approvals. Expires 12:00.
    “Order desk” wants to run \`refund_order\`
    Parameters
    \`\`\`
    orderId: A-1009
    amount:  42.5
    \`\`\`
    🆕 First time: nothing was approved before for this tool and this asker.
    - Reminder at 07:00, then @Oncall at 09:40; rejected at 12:00 if nobody decides.
    Rule “refunds”: 2 of Finance. Who may decide: 3 reviewers.
    Runtype · asked 19:50 · in Slack and Discord
20:00
21:00
  slack C0ROOM
    Rule “refunds”: 2 of Finance. Who may decide: 4 reviewers. Jon Weber is away: ana stands in.
  discord 4100
    Rule “refunds”: 2 of Finance. Who may decide: 4 reviewers. Jon Weber is away: ana stands in.
restart
06:59
07:00
  slack C0ROOM
    @Oncall at 09:40; rejected at 12:00 if nobody decides.
  discord 4100
    - @Oncall at 09:40; rejected at 12:00 if nobody decides.
+ slack C0ROOM
    calls U0MARA, U0JON, U0ANA
    ⏳ Reminder: Refund order A-1009 · amount 42.5
    Still waiting for a decision.
    “Order desk” · asked19:50· expires12:00
+ discord 4100
    calls 1001
    Reminder: Refund order A-1009 · amount 42.5: Still waiting for a decision.
    ⏳ Reminder: Refund order A-1009 · amount 42.5
    Still waiting for a decision.
    “Order desk” · asked 19:50 · expires 12:00
08:00
  slack C0ROOM
    1 of 2 approvals: @U0MARA. Expires 12:00, 16 hours after it was asked.
    Rule “refunds”: 2 of Finance. Who can sign next: 2 reviewers. Jon Weber is away: ana stands in.
  discord 4100
    Refund order A-1009 · amount 42.5: 1 of 2 approvals: Mara Lind. Expires 16 hours after it was asked.
    1 of 2 approvals: Mara Lind. Expires 12:00.
    Rule “refunds”: 2 of Finance. Who can sign next: 2 reviewers. Jon Weber is away: ana stands in.
09:39
09:40
  slack C0ROOM
    1 of 2 approvals: @U0MARA. Escalated to @Oncall after 13 hours. Expires 12:00, 16 hours after it was asked.
    Rejected at 12:00 if nobody decides.
    Rule “refunds”: 2 of Finance, since the escalation also Oncall. Who can sign next: 2 reviewers. Jon Weber is away: ana stands in.
  discord 4100
    Refund order A-1009 · amount 42.5: 1 of 2 approvals: Mara Lind. Escalated to @Oncall after 13 hours. Expires 16 hours after it was asked.
    1 of 2 approvals: Mara Lind. Escalated to @Oncall after 13 hours. Expires 12:00.
    - Rejected at 12:00 if nobody decides.
    Rule “refunds”: 2 of Finance, since the escalation also Oncall. Who can sign next: 2 reviewers. Jon Weber is away: ana stands in.
+ slack C0OPS
    calls U0ANA
    ⏳ Refund order A-1009 · amount 42.5
    1 of 2 approvals: @U0MARA. Escalated to @Oncall after 13 hours. Expires 12:00, 16 hours after it was asked.
    “Order desk” wants to run refund_order
    Parameters
    orderId: A-1009
    amount:  42.5
    🆕 First time: nothing was approved before for this tool and this asker.
    Rejected at 12:00 if nobody decides.
    Rule “refunds”: 2 of Finance, since the escalation also Oncall. Who can sign next: 2 reviewers. Jon Weber is away: ana stands in.
    Runtype · asked19:50· in Slack and Discord
+ slack C0ROOM
    ⏳ Escalated: Refund order A-1009 · amount 42.5
    Nobody decided within 13 hours. It is also in another room now. @Oncall may decide it, too.
    “Order desk” · asked19:50· expires12:00
+ discord 4100
    Escalated: Refund order A-1009 · amount 42.5: Nobody decided within 13 hours. It is also in another room now. @Oncall may decide it, too.
    ⏳ Escalated: Refund order A-1009 · amount 42.5
    Nobody decided within 13 hours. It is also in another room now. @Oncall may decide it, too.
    “Order desk” · asked 19:50 · expires 12:00
11:59
12:00
  slack C0ROOM
    ⚪ Refund order A-1009 · amount 42.5
    Expired. Not enough people decided within 16 hours: only Mara Lind signed. Runtype got a rejection. · 12:00
    “orderId: A-1009 · amount: 42.5”
    “Order desk” · Runtype · asked19:50
  discord 4100
    ⚪ Refund order A-1009 · amount 42.5
    Expired. Not enough people decided within 16 hours: only Mara Lind signed. Runtype got a rejection. · 12:00
    “orderId: A-1009 · amount: 42.5”
    “Order desk” · Runtype · asked 19:50
  slack C0ROOM
    ⚪ Reminder: Refund order A-1009 · amount 42.5
    No longer waiting.
    “Order desk” · asked19:50
  discord 4100
    ⚪ Reminder: Refund order A-1009 · amount 42.5
    No longer waiting.
    “Order desk” · asked 19:50
  slack C0OPS
    ⚪ Refund order A-1009 · amount 42.5
    Expired. Not enough people decided within 16 hours: only Mara Lind signed. Runtype got a rejection. · 12:00
    “orderId: A-1009 · amount: 42.5”
    “Order desk” · Runtype · asked19:50
12:30`;
