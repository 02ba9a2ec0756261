/** The policy file that the sandbox starts with. Tested in test/sandbox/policy/first-text.test.ts. */
import { type Persona, personas } from '../page/personas.ts';

/** Its name in the bot's folder. */
export const POLICY_FILE = 'countersign.yml';

/** The schedules of the emulated on-call services. */
export const PAGERDUTY_SCHEDULE = 'PDESK01';
export const OPSGENIE_SCHEDULE = '5a9d1b04-7c55-4f0e-9c1d-0b8f5e6a7d21';

export interface Rooms {
  slackChannel: string;
  discordChannel: string;
  /** Also sends every card to the people of finance by direct message. */
  direct: boolean;
}

/** Lines of at most 74 characters: the editor beside a room has no more. */
export function firstPolicy({ slackChannel, discordChannel, direct }: Rooms): string {
  return `# Who may decide what in this sandbox. The bot reads it when it is saved.
version: 1

people: # one person has an account on each platform, and counts once
${personas.map(accountsOf).join('\n')}

groups:
  finance: [dana, sam]
  legal: [remy]
  support: [kit]
  oncall: [schedule:desk]

rooms:
  approvals: [slack:${slackChannel}, discord:${discordChannel}]

rules: # the first one that matches applies
  # Reading changes nothing: the rule decides, and the card says so.
  - name: reads
    match: { tool: [get_*, list_*] }
    standing: approve

  # Above 500: one of finance and one of legal, and not who asked for it.
  - name: large refunds
    match: { tool: refund_* }
    when: params.amount > 500
    rooms: [approvals]
    approve: { by: [finance, legal], count: 2, each: 1, not: [requester] }
    reject: { by: [finance, legal], reason: required }
    take_over: { by: [finance] }
    remind: { after: [2m] }
    escalate: [{ after: 5m, mention: [oncall] }]
    expire: { after: 15m, then: reject }

  # Up to 500, one person of finance is enough.
  - name: small refunds
    match: { tool: refund_* }
    when: params.amount <= 500
    rooms: [approvals]
    approve: { by: [finance] }
    reject:
      by: [finance]
      quick: [Not without a receipt, Wrong amount, Ask me again tomorrow]

  # What can't be undone asks twice.
  - name: deletions
    match: { tool: [delete_*, drop_*] }
    rooms: [approvals]
    approve: { by: [finance], confirm: true }

  # After three of the same kind, a reviewer may allow the next ones.
  - name: messages to customers
    match: { tool: send_* }
    rooms: [approvals]
    approve: { by: [finance, support] }
    grant: { after: 3, for: 30m, uses: 5, vary: [params.note] }

  # Everything else, but not who may log in: no rule fits that, so no one
  # may decide it.
  - name: everything else
    when: '!pause.tool.startsWith("grant_")'
    rooms: [approvals]
    approve: { by: [finance] }

schedules: # who is on call; here PagerDuty says Kit
  desk: { pagerduty: ${PAGERDUTY_SCHEDULE} }

runs: # /countersign run large-refund
  refund: { agent: refund-agent, start: [finance] }
  large-refund: { agent: large-refund, start: [finance, support] }
  visit: { flow: slot-flow, start: [finance] }

operators: [dana] # /countersign status, stop and start
${direct ? '\ndefaults:\n  direct: [finance]\n' : ''}`;
}

function accountsOf({ key, slackId, discordId, onCallId }: Persona): string {
  return `  ${key}: [slack:${slackId}, discord:${discordId}${onCallId === undefined ? '' : `, ${onCallId}`}]`;
}
