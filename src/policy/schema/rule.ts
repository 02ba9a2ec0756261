/** One rule, as it is written in the file. Tested in test/policy/wrong-files.test.ts. */
import { z } from 'zod';
import { matchKeys } from '../../core/policy/rules/document.ts';
import {
  clockTime,
  count,
  line,
  listOf,
  oneOf,
  pattern,
  patternList,
  roomList,
  says,
  time,
  whoList,
  yesNo,
  zone,
} from './parts.ts';

/** More people than this sign nothing together. */
const COUNT_MAX = 20;
/** The limits of Discord's menus and of Slack's options. */
const QUICK_MAX = 25;
const QUICK_LENGTH_MAX = 75;
const NAME_MAX = 80;
export const WHEN_MAX = 1_000;
const ESCALATIONS_MAX = 10;
const REMINDERS_MAX = 10;
const VARY_MAX = 20;
const MINUTE_MS = 60_000;

const text = oneOf('off', 'optional', 'required');

const verb = z
  .strictObject(
    {
      by: whoList.meta({ description: 'Who may.' }),
      count: count(1, COUNT_MAX).optional().meta({ description: 'So many different people; 1.' }),
      each: count(1, COUNT_MAX).optional().meta({ description: 'Of these, so many from each entry of by.' }),
      not: listOf(oneOf('requester'), '[requester]', 1)
        .optional()
        .meta({ description: 'Who may not, although by names them.' }),
      confirm: yesNo.optional().meta({ description: 'It asks twice.' }),
      note: text.optional().meta({ description: 'Whether the person writes a note.' }),
      reason: text.optional().meta({ description: 'The same, for a rejection.' }),
      quick: listOf(line('a reason to offer', QUICK_LENGTH_MAX), '[Too expensive, Wrong customer]', QUICK_MAX)
        .optional()
        .meta({ description: 'Reasons that the form offers.' }),
    },
    says('must say who may.', 'Write { by: [mara, finance] }.'),
  )
  .meta({ id: 'verb' });

const matching = z
  .union([pattern, patternList], says('must be a pattern, or a list of them.', 'Write refund_* or [refund_*, pay_*].'))
  .optional();

const afterMinute = time(1_000, '1s');

export const ruleSchema = z
  .strictObject(
    {
      name: line('the name of the rule', NAME_MAX),
      match: z
        .strictObject(
          Object.fromEntries(matchKeys.map((key) => [key, matching])) as Record<
            (typeof matchKeys)[number],
            typeof matching
          >,
          says('must be patterns.', 'Write { tool: refund_* }.'),
        )
        .optional()
        .meta({ description: 'Patterns; all must match. Absent: every request does.' }),
      when: line('a condition in CEL', WHEN_MAX)
        .optional()
        .meta({ description: 'A condition in CEL, over params, pause, asker, requester, now and novel.' }),
      rooms: roomList.optional().meta({ description: 'Where the card is posted.' }),
      direct: whoList.optional().meta({ description: 'Who also gets the card by direct message.' }),
      mention: whoList.optional().meta({ description: 'Who is mentioned on a new card.' }),
      approve: verb.optional(),
      reject: verb.optional(),
      answer: verb.optional(),
      take_over: verb.optional(),
      expire: z
        .strictObject(
          // biome-ignore lint/suspicious/noThenProperty: a word of the file; no one awaits a rule.
          { after: time(1_000, '1s'), then: oneOf('leave', 'reject').optional() },
          says('must say when.', 'Write { after: 4h, then: reject }.'),
        )
        .optional(),
      remind: z
        .strictObject(
          { after: listOf(afterMinute, '[10m, 30m]', REMINDERS_MAX), to: oneOf('thread', 'direct').optional() },
          says('must say when.', 'Write { after: [10m, 30m] }.'),
        )
        .optional(),
      escalate: listOf(
        z.strictObject(
          { after: time(1_000, '1s'), rooms: roomList.optional(), mention: whoList.optional() },
          says('must say when.', 'Write { after: 1h, rooms: [ops] }.'),
        ),
        '[{ after: 1h, rooms: [ops] }]',
        ESCALATIONS_MAX,
      ).optional(),
      quiet: z
        .strictObject(
          { from: clockTime, to: clockTime, zone, except: oneOf('dangerous').optional() },
          says('must be hours.', 'Write { from: "20:00", to: "07:00", zone: Europe/Berlin }.'),
        )
        .optional(),
      standing: oneOf('approve', 'reject').optional().meta({ description: 'The rule decides itself.' }),
      grant: z
        .strictObject(
          {
            after: count(1, 100).optional(),
            for: time(MINUTE_MS, '1m'),
            uses: count(1, 1_000),
            vary: listOf(line('a path', 200), '[params.note]', VARY_MAX).optional(),
          },
          says('must say for how long.', 'Write { after: 3, for: 30m, uses: 5 }.'),
        )
        .optional(),
      mode: oneOf('enforce', 'watch')
        .optional()
        .meta({ description: 'watch: it decides nothing, and records what it would have done.' }),
    },
    says('must be a rule.', 'Write name, match and approve below one "-".'),
  )
  .meta({ id: 'rule' });

export type WrittenRule = z.infer<typeof ruleSchema>;
export type WrittenVerb = NonNullable<WrittenRule['approve']>;
