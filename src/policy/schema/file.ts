/** The policy file as it is written: its JSON Schema is made of this. Tested in test/policy/wrong-files.test.ts. */
import { z } from 'zod';
import { MEMBERS_MAX } from '../../core/approval/digest.ts';
import { clockTime, count, line, listOf, name, oneOf, patternList, says, time, whoList, zone } from './parts.ts';
import { ruleSchema } from './rule.ts';

const NAMED_MAX = 2_000;
const RULES_MAX = 300;

function named<Value extends z.ZodType>(value: Value, example: string) {
  return z
    .record(name, value, says('must be names with their values.', `Write ${example}.`))
    .refine(
      (all) => Object.keys(all).length <= NAMED_MAX,
      says(`has more than ${NAMED_MAX} names.`, 'Use Slack user groups or Discord roles.'),
    );
}

const account = z
  .string(says('must be an account.', 'Write slack:U0123 or discord:789.'))
  .meta({ description: 'slack:U…, discord:…; for schedules also email:…, pagerduty:…, opsgenie:…, ical:<title>' });

const room = z
  .string(says('must be a room.', 'Write slack:C0123 or discord:456.'))
  .meta({ description: 'slack:C… or discord:…' });

const level = count(1, 20).optional();
const rota = z.strictObject({
  rota: whoList,
  every: time(3_600_000, '1h'),
  from: z
    .string(says('must be a date.', 'Write 2026-11-30.'))
    .regex(/^\d{4}-\d{2}-\d{2}$/, says('must be a date.', 'Write 2026-11-30.')),
  at: clockTime,
  zone,
});
export const scheduleKinds = {
  rota,
  ical: z.strictObject({
    zone: zone.optional(),
    ical: z.string(says('must be an address.', 'Write https://…/oncall.ics.')),
  }),
  pagerduty: z.strictObject({ pagerduty: line('the ID of a schedule', 100), level }),
  opsgenie: z.strictObject({ opsgenie: line('the name or ID of a schedule', 100), level }),
};
const schedule = z.union(
  [scheduleKinds.rota, scheduleKinds.ical, scheduleKinds.pagerduty, scheduleKinds.opsgenie],
  says(
    'is not a schedule.',
    'Write { rota: […], every, from, at, zone }, { ical: … }, { pagerduty: … } or { opsgenie: … }.',
  ),
);

const RUN_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
const runName = z.string().regex(RUN_NAME, says('is not the name of a run.', 'A name has up to 32 of a-z, 0-9 and -.'));
const start = whoList.optional();
export const runKinds = {
  flow: z.strictObject({ flow: line('the ID of a flow', 200), start }),
  agent: z.strictObject({ agent: line('the ID of an agent', 200), start }),
};

const digest = z.union(
  [count(2, MEMBERS_MAX), oneOf('off')],
  says(`must be a number from 2 to ${MEMBERS_MAX}, or off.`, 'Write 5 or off.'),
);

export const fileSchema = z
  .strictObject(
    {
      version: z.literal(1, says('must be 1.', 'Write version: 1.')),
      people: named(listOf(account, '[slack:U0123, discord:789]', 20), 'mara: [slack:U0123]').optional(),
      groups: named(whoList, 'finance: [mara, jon]').optional(),
      rooms: named(listOf(room, '[slack:C0123]', 20), 'money: [slack:C0123]').optional(),
      rules: listOf(ruleSchema, '- name: everything, with its keys below', RULES_MAX),
      links: oneOf('on', 'off').optional(),
      requesters: listOf(line('the name of a key', 100), '[key-name]').optional(),
      schedules: named(schedule, 'primary: { pagerduty: PABC123 }').optional(),
      defaults: z
        .strictObject(
          {
            digest: digest.optional(),
            claim: time(1_000, '1s').optional(),
            confirm: patternList.optional(),
            direct: whoList.optional(),
          },
          says('must be defaults.', 'Write { digest: 5, claim: 30m }.'),
        )
        .optional(),
      runs: z
        .record(
          runName,
          z.union(
            [runKinds.flow, runKinds.agent],
            says('is not a run.', 'Write { flow: flow_123, start: [finance] } or { agent: … }.'),
          ),
          says('must be names of runs.', 'Write refunds: { flow: flow_123, start: [finance] }.'),
        )
        .optional(),
      questions: z
        .strictObject(
          { tools: patternList.optional(), yes_no: patternList.optional() },
          says('must be patterns.', 'Write { yes_no: [confirm*] }.'),
        )
        .optional(),
      mask: z
        .strictObject(
          {
            keys: listOf(line('the name of a parameter', 200), '[iban]').optional(),
            patterns: listOf(line('a regular expression', 500), "['\\d{6}']").optional(),
          },
          says('must be keys or patterns.', 'Write { keys: [iban] }.'),
        )
        .optional(),
      operators: whoList.optional(),
    },
    says('The file must have keys such as version and rules.', 'Run npm run policy -- init for an example.'),
  )
  .meta({ title: 'Countersign policy' });

export type WrittenPolicy = z.infer<typeof fileSchema>;
