/** Wrong policy files, as people write them, with what each answer should say. */

export interface WrongFile {
  name: string;
  file: string;
  /** As `line:column`. */
  at: string;
  wrong: RegExp;
  remedy: RegExp;
}

/** A valid start. What follows belongs to its one rule. */
const start = `version: 1
people: { mara: [slack:U1], jon: [slack:U2] }
groups: { finance: [mara, jon], legal: [slack:group:S1] }
rooms: { ops: [slack:C1] }
rules:
  - name: all
    rooms: [ops]
`;
const rule = (more: string) => `${start}    approve: { by: [mara] }\n${more}`;
const approve = (what: string) => `${start}    approve: ${what}\n`;
const second = (more: string) => `${start}    approve: { by: [mara] }\n  - name: second\n    rooms: [ops]\n${more}`;

export const wrongFiles: readonly WrongFile[] = [
  // Keys.
  [
    'a misspelled key of the file',
    rule('ruls: []\n'),
    '9:1',
    /"ruls" is not a key of the file/,
    /Did you mean rules\?/,
  ],
  [
    'a misspelled key of a rule',
    rule('    aprove: { by: [mara] }\n'),
    '9:5',
    /"aprove" is not a key of a rule/,
    /Did you mean approve\?/,
  ],
  [
    'a word of another product',
    approve('{ approvers: [mara], by: [mara] }'),
    '8:16',
    /"approvers" is not a key of approve/,
    /Did you mean by\?/,
  ],
  [
    'a key that belongs elsewhere',
    rule('    digest: 5\n'),
    '9:5',
    /"digest" is not a key of a rule/,
    /belongs in defaults/,
  ],
  ['an unknown key', rule('    colour: red\n'), '9:5', /"colour" is not a key of a rule/, /Valid here: name, match/],
  ['a missing key', approve('{ count: 1 }'), '8:14', /by is missing/, /Write \[mara, finance\]/],
  ['no version', 'rules: []\n', '1:1', /version is missing/, /Write version: 1/],
  [
    'a later version',
    start.replace('1', '2').concat('    approve: { by: [mara] }\n'),
    '1:10',
    /version must be 1/,
    /version: 1/,
  ],
  ['a key without a value', rule('    mention:\n'), '9:5', /mention has no value/, /Write \[mara, finance\]/],
  // Values.
  ['a name in place of a list', approve('{ by: mara }'), '8:20', /by must be a list/, /Write \[mara\]/],
  ['a number as a text', approve('{ by: [mara], count: "2" }'), '8:35', /count must be a whole number/, /Write/],
  ['a time without a unit', rule('    expire: { after: 30 }\n'), '9:22', /after must be a time/, /30m, 30h or 30d/],
  ['a time in words', rule('    expire: { after: 4 hours }\n'), '9:22', /after must be a time/, /Write 30m, 4h or 2d/],
  [
    'an expiry that approves',
    rule('    expire: { after: 4h, then: approve }\n'),
    '9:32',
    /then must be leave or reject/,
    /Write leave or reject/,
  ],
  [
    'a boolean in quotes',
    approve('{ by: [mara], confirm: "true" }'),
    '8:37',
    /confirm must be true or false/,
    /Write true/,
  ],
  [
    'on in place of true',
    approve('{ by: [mara], confirm: on }'),
    '8:37',
    /confirm must be true or false/,
    /Write true/,
  ],
  ['yes', approve('{ by: [mara], confirm: yes }'), '8:37', /yes without quotes is true for some tools/, /Write true/],
  ['true in place of on', rule('links: true\n'), '9:8', /links must be on or off/, /Write on/],
  [
    'a pattern that is an alias',
    rule('    match: { tool: *payout* }\n'),
    '9:20',
    /read as a YAML alias/,
    /"\*payout\*" in quotes/,
  ],
  [
    'an ID that loses digits',
    start.replace('[slack:C1]', '[4567890123456789012]'),
    '4:16',
    /loses digits/,
    /discord:4567890123456789012/,
  ],
  [
    'a time of day without quotes',
    rule('    quiet: { from: 20:00, to: "07:00", zone: UTC }\n'),
    '9:20',
    /20:00 without quotes/,
    /"20:00" in quotes/,
  ],
  ['a key twice', rule('    rooms: [ops]\n'), '9:5', /"rooms" is given twice/, /Keep one/],
  ['a tab', rule('\tmention: [mara]\n'), '9:1', /begins with a tab/, /spaces/],
  // Names.
  [
    'a name that is not in the file',
    approve('{ by: [finence] }'),
    '8:21',
    /"finence" is not a person or a group/,
    /Did you mean finance\?/,
  ],
  ['a handle', approve('{ by: ["@mara"] }'), '8:21', /"@mara" is not a person/, /Did you mean mara|without @/],
  [
    'an account by its name',
    approve('{ by: [slack:mara] }'),
    '8:21',
    /"slack:mara" has no valid ID/,
    /To find it|Use the member ID/,
  ],
  [
    'a group in place of a user',
    approve('{ by: [slack:S0456] }'),
    '8:21',
    /"slack:S0456" has no valid ID/,
    /Write slack:group:S0456/,
  ],
  [
    'a room that is not in the file',
    second('    mention: [mara]\n')
      .replace('rooms: [ops]\n    mention', 'rooms: [opps]\n    mention')
      .replace(
        '    approve: { by: [mara] }\n  - name: second',
        '    match: { tool: x }\n    approve: { by: [mara] }\n  - name: second',
      )
      .concat('    approve: { by: [mara] }\n'),
    '11:13',
    /"opps" is not a room/,
    /Did you mean ops\?/,
  ],
  [
    'a channel by its name',
    start.replace('slack:C1', 'slack:#ops').concat('    approve: { by: [mara] }\n'),
    '4:16',
    /"slack:#ops" has no valid channel ID/,
    /To find it/,
  ],
  [
    'a schedule that is not in the file',
    approve('{ by: [schedule:primary] }'),
    '8:21',
    /"primary" is not a schedule/,
    /Add primary under schedules/,
  ],
  [
    'the requester as a signer',
    approve('{ by: [requester] }'),
    '8:21',
    /"requester" is not a person/,
    /not: \[requester\]/,
  ],
  [
    'an account of two people',
    start.replace('slack:U2', 'slack:U1').concat('    approve: { by: [mara] }\n'),
    '2:35',
    /slack:U1 is the account of mara and of jon/,
    /one person/,
  ],
  [
    'a person and a group',
    start.replace('finance: [mara, jon]', 'mara: [jon]').concat('    approve: { by: [jon] }\n'),
    '2:11',
    /"mara" is a person and a group/,
    /Rename/,
  ],
  [
    'a group of an account',
    start.replace('[slack:U2]', '[slack:group:S2]').concat('    approve: { by: [mara] }\n'),
    '2:35',
    /not one person’s account/,
    /under groups/,
  ],
  [
    'groups in a circle',
    start
      .replace('legal: [slack:group:S1]', 'legal: [finance]')
      .replace('[mara, jon], legal', '[mara, legal], legal')
      .concat('    approve: { by: [mara] }\n'),
    '3:27',
    /finance contains itself, through legal/,
    /Remove/,
  ],
  // Rules.
  [
    'more signatures than people',
    approve('{ by: [finance], count: 3 }'),
    '8:38',
    /3 people must sign, and there are only 2 people/,
    /count: 2/,
  ],
  [
    'each of more groups than count',
    approve('{ by: [finance, legal], count: 1, each: 1 }'),
    '8:54',
    /2 people, and count is 1/,
    /count: 2/,
  ],
  [
    'more of a group than it has',
    approve('{ by: [finance, legal], each: 3 }'),
    '8:21',
    /3 of finance must sign, and it has 2/,
    /smaller each/,
  ],
  ['a rule without a decider', `${start}    mention: [mara]\n`, '6:11', /does not say who may approve/, /Add approve/],
  ['a rule that no one could sign', approve('{ by: [] }'), '8:20', /by is empty/, /by: \[mara\]/],
  [
    'a rule without rooms',
    start.replace('    rooms: [ops]\n', '').concat('    approve: { by: [mara] }\n'),
    '6:11',
    /has no rooms/,
    /Add rooms/,
  ],
  [
    'a rule behind one for everything',
    second('    match: { tool: get_* }\n    approve: { by: [mara] }\n'),
    '9:11',
    /never applies: rule 1, "all"/,
    /Move it above/,
  ],
  [
    'a rule behind a wider pattern',
    second('    match: { tool: get_user }\n    approve: { by: [mara] }\n').replace(
      'rooms: [ops]\n',
      'rooms: [ops]\n    match: { tool: get_* }\n',
    ),
    '10:11',
    /never applies/,
    /Move it above/,
  ],
  [
    'two rules of one name',
    second('    approve: { by: [mara] }\n')
      .replace('name: second', 'name: all')
      .replace('rooms: [ops]\n', 'rooms: [ops]\n    match: { tool: x }\n'),
    '10:11',
    /name of rule 1, too/,
    /own name/,
  ],
  [
    'a standing rule with signers',
    rule('    standing: approve\n'),
    '8:5',
    /standing: approve decides, so/,
    /Remove standing, or approve/,
  ],
  [
    'an unknown backend',
    rule('    match: { backend: runtipe }\n'),
    '9:23',
    /"runtipe" is not a backend/,
    /Did you mean runtype\?/,
  ],
  [
    'a grant that skips a confirmation',
    `${approve('{ by: [mara], confirm: true }')}    grant: { for: 30m, uses: 5 }\n`,
    '9:5',
    /would skip the confirmation/,
    /Remove confirm, or grant/,
  ],
  [
    'a grant that skips signatures',
    `${approve('{ by: [finance], count: 2 }')}    grant: { for: 30m, uses: 5 }\n`,
    '9:5',
    /would skip the 2 signatures/,
    /count: 1/,
  ],
  [
    'a path that is not a parameter',
    rule('    grant: { for: 30m, uses: 5, vary: [note] }\n'),
    '9:40',
    /"note" is not the path/,
    /params.note/,
  ],
  ['a note and a reason', approve('{ by: [mara], note: optional, reason: required }'), '8:44', /same text/, /Keep one/],
  // Times.
  [
    'reminders that do not rise',
    rule('    remind: { after: [30m, 10m] }\n'),
    '9:28',
    /10m is not later/,
    /rising order/,
  ],
  [
    'a reminder after the expiry',
    rule('    remind: { after: [5h] }\n    expire: { after: 4h }\n'),
    '9:23',
    /never happens: the request expires after 4h/,
    /below 4h/,
  ],
  [
    'escalations that do not rise',
    rule('    escalate: [{ after: 2h, rooms: [ops] }, { after: 1h, rooms: [ops] }]\n'),
    '9:54',
    /1h is not later/,
    /rising order/,
  ],
  ['an escalation to no one', rule('    escalate: [{ after: 2h }]\n'), '9:16', /reaches no one/, /Add rooms/],
  [
    'quiet hours without a length',
    rule('    quiet: { from: "20:00", to: "20:00", zone: UTC }\n'),
    '9:33',
    /begin and end at 20:00/,
    /another end/,
  ],
  [
    'an unknown zone',
    rule('    quiet: { from: "20:00", to: "07:00", zone: Berlin }\n'),
    '9:48',
    /"Berlin" is not a time zone/,
    /Europe\/Berlin/,
  ],
  // Conditions.
  [
    'a variable that does not exist',
    rule('    when: amount > 500\n'),
    '9:11',
    /"amount" is not a variable/,
    /params.amount/,
  ],
  [
    'a field that does not exist',
    rule('    when: \'params.a > 1 && pause.tol == "x"\'\n'),
    '9:34',
    /pause has no field "tol"/,
    /Did you mean tool\?/,
  ],
  ['one equals sign', rule('    when: params.currency = "EUR"\n'), '9:27', /"=" is not CEL/, /Write ==/],
  [
    'a condition on two lines',
    rule('    when: |\n      params.a > 1 &&\n        params.b = 2\n'),
    '11:18',
    /"=" is not CEL/,
    /Write ==/,
  ],
  ['a condition that is a tag', rule('    when: !params.paid\n'), '9:11', /read as a YAML tag/, /quotes/],
  [
    'a quadratic expression',
    rule('    when: params.text.matches("(a+)\\\\1")\n'),
    '9:31',
    /pattern of matches is not valid/,
    /RE2/,
  ],
  // Other parts.
  [
    'an unknown kind of schedule',
    rule('schedules: { primary: { rotation: [mara] } }\n'),
    '9:23',
    /primary is not a schedule/,
    /rota/,
  ],
  [
    'a misspelled key of a rota',
    rule('schedules: { a: { rota: [mara], evry: 7d, every: 7d, from: 2026-11-30, at: "09:00", zone: UTC } }\n'),
    '9:33',
    /"evry" is not a key/,
    /every/,
  ],
  [
    'a day that does not exist',
    rule('schedules: { a: { rota: [mara], every: 7d, from: 2026-11-31, at: "09:00", zone: UTC } }\n'),
    '9:50',
    /2026-11-31 is not a day/,
    /2026-11-30/,
  ],
  [
    'turns that drift',
    rule('schedules: { a: { rota: [mara], every: 7h, from: 2026-11-30, at: "09:00", zone: UTC } }\n'),
    '9:40',
    /Turns of 7h/,
    /12h, 1d/,
  ],
  [
    'a calendar without TLS',
    rule('schedules: { a: { ical: "http://example.com/x.ics" } }\n'),
    '9:25',
    /not an https address/,
    /https:/,
  ],
  [
    'the name of a run',
    rule('runs: { "My Run": { flow: flow_1, start: [mara] } }\n'),
    '9:9',
    /"My Run" is not the name of a run/,
    /a-z, 0-9/,
  ],
  ['a run without a target', rule('runs: { refunds: { start: [mara] } }\n'), '9:18', /refunds is not a run/, /flow/],
  ['a pattern that masks everything', rule('mask: { patterns: ["a*"] }\n'), '9:20', /matches the empty string/, /./],
].map(([name, file, at, wrong, remedy]) => ({ name, file, at, wrong, remedy }) as WrongFile);
