/** Wrong `.env` files: one start reports every fault of a file, each with what was given and with what to do. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readConfig } from '../../src/config/config.ts';
import { SettingsError } from '../../src/config/problems.ts';
import { loadEnvFile } from '../../src/system/env-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-env-'));
after(() => rmSync(folder, { recursive: true }));

/** What `npm start` does with its settings. */
function start(content: string | Uint8Array, environment: Record<string, string> = {}) {
  const path = join(folder, '.env');
  writeFileSync(path, content);
  const merged: Record<string, string | undefined> = { ...environment };
  const file = loadEnvFile(merged, path);
  return readConfig(merged, file);
}

function refusal(content: string, environment: Record<string, string> = {}): SettingsError {
  try {
    start(content, environment);
  } catch (thrown) {
    assert.ok(thrown instanceof SettingsError, String(thrown));
    return thrown;
  }
  return assert.fail(`it starts with\n${content}`);
}

const SLACK = 'SLACK_BOT_TOKEN=xoxb-1-abcdefgh\nSLACK_APP_TOKEN=xapp-1-abcdefgh\nSLACK_CHANNEL=C0123ROOM';
const DISCORD = 'DISCORD_TOKEN=a.b.c\nDISCORD_CHANNEL=4100';
const RUNTYPE = 'RUNTYPE_API_KEY=rt_live_1';
const good = `${SLACK}\n${RUNTYPE}\nREVIEWERS=slack:U0123`;

interface Wrong {
  name: string;
  /** Lines behind the good ones; a function makes the whole file. */
  file: string | ((good: string) => string);
  /** Each is in the report, as one problem or warning. */
  faults: RegExp[];
}

const files: Wrong[] = [
  // Names
  {
    name: 'a typo that would make deletions one press',
    file: 'CONFRIM=delete_*',
    faults: [/\.env, line 6: CONFRIM is not a setting\. Did you mean CONFIRM\? Rename it/],
  },
  {
    name: 'names in small letters, with dashes, with words that are missing or too many',
    file: 'confirm=delete_*\nLOGLEVEL=info\nDISCORD_BOT_TOKEN=x\nSLACK_SIGNING=1\nCOUNTERSIGN_PORT=1\nreviewers=slack:U1',
    faults: [
      /line 6: confirm is not a setting\. Did you mean CONFIRM/,
      /line 7: LOGLEVEL is not a setting\. Did you mean LOG_LEVEL/,
      /line 8: DISCORD_BOT_TOKEN is not a setting\. Did you mean DISCORD_TOKEN/,
      /line 9: SLACK_SIGNING is not a setting\. Did you mean SLACK_SIGNING_SECRET/,
      /line 10: COUNTERSIGN_PORT is not a setting\. Did you mean PORT/,
      /line 11: reviewers is not a setting\. Did you mean REVIEWERS/,
    ],
  },
  {
    name: 'a name of another program',
    file: 'REDIS_URL=x\nPORT=x',
    faults: [/REDIS_URL is not a setting of Countersign, and has no effect/, /PORT: must be a number/],
  },
  {
    name: 'a setting twice',
    file: 'PORT=3000\nPORT=3001',
    faults: [/line 7: PORT is set again: line 6 sets it, too\. Keep one/],
  },
  {
    name: 'a line without =',
    file: 'REMIND_AFTER 10m\nsome words\nPORT: 3000',
    faults: [
      /line 6: does not set REMIND_AFTER\. Write REMIND_AFTER=value/,
      /line 7: has no “=”\. Write NAME=value/,
      /line 8: does not set PORT\. Write PORT=value/,
    ],
  },
  {
    name: 'comments of other languages',
    file: '// a comment\n; another',
    faults: [/line 6: is not a setting\. A comment begins with #/, /line 7: is not a setting/],
  },
  { name: 'a line of a shell', file: 'set PORT=3000', faults: [/line 6: does not set PORT\. Write PORT=value/] },

  // Quotes, comments, characters
  {
    name: 'a quote that is not closed',
    file: 'CONFIRM="delete_*\nPORT=x',
    faults: [/line 6: CONFIRM has an opening quote \("\) that is not closed/, /PORT: must be a number/],
  },
  {
    name: 'a quote that is not opened',
    file: "CONFIRM=delete_*'",
    faults: [/line 6: CONFIRM ends with a quote \('\)/],
  },
  {
    name: 'typographic quotes',
    file: 'CONFIRM=“delete_*”\nMASK_KEYS=‘pin’',
    faults: [/line 6: CONFIRM is in typographic quotes/, /line 7: MASK_KEYS is in typographic quotes/],
  },
  {
    name: 'text behind a closing quote',
    file: 'CONFIRM="delete_*", "refund_*"',
    faults: [/line 6: CONFIRM has text behind its closing quote/],
  },
  {
    name: 'a # that may begin a comment',
    file: 'PORT=3000#the port',
    faults: [/line 6: PORT has a “#” directly behind other characters/, /PORT: must be a number/],
  },
  {
    name: 'an invisible character',
    file: 'CONFIRM=delete\u200b_*',
    faults: [/line 6: CONFIRM contains an invisible character \(U\+200B\)/],
  },
  {
    name: 'a reference that nothing replaces',
    file: 'METRICS_TOKEN=$OTHER\nMASK_KEYS=$'.concat('{OTHER}'),
    faults: [
      /line 6: METRICS_TOKEN is a reference to another variable/,
      /line 7: MASK_KEYS is a reference to another variable/,
    ],
  },

  // Platforms
  {
    name: 'no platform and no backend',
    file: () => 'REVIEWERS=slack:U1',
    faults: [
      /No platform is configured.*npm run sandbox/,
      /No backend is configured\. Set RUNTYPE_API_KEY/,
      /REVIEWERS names people in Slack, which is not configured/,
    ],
  },
  {
    name: 'swapped tokens',
    file: () =>
      `SLACK_BOT_TOKEN=xapp-1-secretsecret\nSLACK_APP_TOKEN=xoxb-1-secretsecret\nSLACK_CHANNEL=C1\n${RUNTYPE}`,
    faults: [
      /SLACK_BOT_TOKEN: must be the bot token \(xoxb-…\).* It holds Slack’s app-level token, which belongs in SLACK_APP_TOKEN/,
      /SLACK_APP_TOKEN: must be .* It holds Slack’s bot token, which belongs in SLACK_BOT_TOKEN/,
    ],
  },
  {
    name: 'a token of a person, and none of the app',
    file: () => `SLACK_BOT_TOKEN=xoxp-1-secretsecret\nSLACK_CHANNEL=C1\n${RUNTYPE}`,
    faults: [/SLACK_BOT_TOKEN: .*This is a token of another kind/, /SLACK_APP_TOKEN: missing/],
  },
  {
    name: 'a channel by name or by link',
    file: () =>
      `${good.replace('C0123ROOM', '#approvals')}\nDISCORD_TOKEN=a.b.c\nDISCORD_CHANNEL=https://discord.com/channels/111/4100`,
    faults: [
      /SLACK_CHANNEL: must be a channel ID \(C…\), not a name\. It is at the bottom/,
      /DISCORD_CHANNEL: must be a channel ID \(digits\), not a name\. Write 4100/,
    ],
  },
  {
    name: 'a link to a Slack channel',
    file: () => good.replace('C0123ROOM', 'https://acme.slack.com/archives/C0123ROOM'),
    faults: [/SLACK_CHANNEL: .* Write C0123ROOM/],
  },
  {
    name: 'other secrets of Discord',
    file: `DISCORD_TOKEN=123456789012345678\nDISCORD_CHANNEL=approvals`,
    faults: [
      /DISCORD_TOKEN: must be the bot token; this looks like the application ID/,
      /DISCORD_CHANNEL: must be a channel ID/,
    ],
  },
  {
    name: 'people on a platform that is not configured',
    file: 'PING=discord:1\nALERTS=discord:2\nDIRECT_MESSAGES=discord:3\nRUNS=a=flow:1\nRUN_STARTERS=a=discord:4',
    faults: [
      /PING: names a person in discord, which is not configured\. Set its token, or remove it/,
      /ALERTS: names a place in discord/,
      /DIRECT_MESSAGES: names a person in discord/,
      /RUN_STARTERS names people in Discord/,
    ],
  },

  // People
  {
    name: 'reviewers of every wrong kind',
    file: () =>
      `${SLACK}\n${RUNTYPE}\nREVIEWERS=slack:group:U0123, slack:S0456, @dana, slack:@dana, <@U0789>, U0111, Slack:U0222, discord:role:@ops, discord:dana.reyes, slack:C0123`,
    faults: [
      /"slack:group:U0123" has no valid ID\. .*A user group’s ID begins with S\. Write slack:U0123/,
      /"slack:S0456" has no valid ID\. .*A member’s ID begins with U or W\. Write slack:group:S0456/,
      /"@dana" is not a valid reviewer\. Write slack:U…/,
      /"slack:@dana" has no valid ID\. Use the member ID \(U…\), not a name\. .*“Copy member ID”/,
      /"<@U0789>" is not a valid reviewer\. Write slack:U0789/,
      /"U0111" is not a valid reviewer\. Write slack:U0111/,
      /"Slack:U0222" is not a valid reviewer\. Write slack:U0222/,
      /"discord:role:@ops" has no valid ID\. Use the role ID \(digits\), not a name\. .*“Copy Role ID”/,
      /"discord:dana\.reyes" has no valid ID\. Use the user ID \(digits\), not a name/,
      /"slack:C0123" has no valid ID/,
    ],
  },
  {
    name: 'people separated by spaces, and a group for direct messages',
    file: 'PING=slack:U1 slack:U2\nDIRECT_MESSAGES=slack:group:S1',
    faults: [
      /PING: "slack:U1 slack:U2" names several: separate them by commas/,
      /DIRECT_MESSAGES: "slack:group:S1" is not one person/,
    ],
  },
  {
    name: 'alerts to names',
    file: `${DISCORD}\nALERTS=#ops,slack:ops,discord:<#42>`,
    faults: [
      /ALERTS: "#ops" is not a valid place/,
      /ALERTS: "slack:ops" is not a valid place/,
      /ALERTS: "discord:<#42>" is not a valid place\. Write discord:42/,
    ],
  },

  // Numbers, words, times
  {
    name: 'numbers in words',
    file: 'PORT=three thousand\nDIGEST_FROM=five\nOPEN_MAX=many\nSLACK_CONNECTIONS=two',
    faults: [
      /PORT: must be a number/,
      /DIGEST_FROM: must be a number from 2/,
      /OPEN_MAX: must be a number/,
      /SLACK_CONNECTIONS: must be a number/,
    ],
  },
  {
    name: 'times in words',
    file: 'HOLD_MAX=1 hour\nTAKE_OVER_MAX=30 minutes\nRETENTION=3 months\nREMIND_AFTER=soon\nRESURFACE_AFTER=never',
    faults: [
      /HOLD_MAX: must be a time like 15s/,
      /TAKE_OVER_MAX: must be a time/,
      /RETENTION: must be a time of at least a day, like 90d/,
      /REMIND_AFTER: must be up to 10 times/,
      /RESURFACE_AFTER: must be a time .*or "off"/,
    ],
  },
  {
    name: 'words that are not on the list',
    file: 'APPROVE_NOTE=true\nREJECT_REASON=no\nLOG_LEVEL=verbose',
    faults: [/APPROVE_NOTE: must be "on" or "off"/, /REJECT_REASON: must be "required"/, /LOG_LEVEL: must be "trace"/],
  },
  {
    name: 'lists that are not separated by commas',
    file: 'CONFIRM=delete_* refund_*\nAWAIT_TOOLS=pick_*;ask_*\nMASK_PATTERNS=a\\d b,c',
    faults: [
      /CONFIRM: "delete_\* refund_\*" looks like several patterns/,
      /AWAIT_TOOLS: "pick_\*;ask_\*" looks like several/,
      /MASK_PATTERNS: separate the patterns by commas only/,
    ],
  },
  {
    name: 'patterns',
    file: 'MASK_PATTERNS=a[,(b,x*',
    faults: [/MASK_PATTERNS: a\[,\(b,x\* is not a valid regular expression/],
  },

  // Addresses
  {
    name: 'addresses with paths, and without a scheme',
    file: 'RUNTYPE_API_URL=https://api.runtype.com/v1\nSONZAI_API_URL=api.sonz.ai\nPUBLIC_URL=https://bot.example.com/slack\nDISCORD_API_URL=https://discord.com/api/v10',
    faults: [
      /RUNTYPE_API_URL: must be an address without a path.*Write https:\/\/api\.runtype\.com/,
      /SONZAI_API_URL: .*Write https:\/\/api\.sonz\.ai/,
      /PUBLIC_URL: .*Write https:\/\/bot\.example\.com/,
      /DISCORD_API_URL: must be without the version/,
    ],
  },
  {
    name: 'a host with its port',
    file: 'HOST=127.0.0.1:3000\nALLOWED_HOSTS=https://bot.example.com',
    faults: [/HOST: must be a name or an address without scheme and port/, /ALLOWED_HOSTS: "https:/],
  },
  {
    name: 'addresses without TLS, and every key at the gateway of an open host',
    file: 'RUNTYPE_API_URL=http://10.0.0.5\nHOST=0.0.0.0\nGATEWAY_KEYS=*',
    faults: [
      /RUNTYPE_API_URL: is http, .*ALLOW_HTTP=10\.0\.0\.5/,
      /GATEWAY_KEYS: \* lets every caller make cards.*HOST is 0\.0\.0\.0/,
    ],
  },
  {
    name: 'a database of another kind',
    file: 'DATABASE_URL=data/countersign.db',
    faults: [/DATABASE_URL: must be file: and a path .*Write file:data\/countersign\.db/],
  },

  // Secrets
  {
    name: 'placeholders',
    file: () => `SLACK_BOT_TOKEN=xoxb-…\nSLACK_APP_TOKEN=xapp-your-token\nSLACK_CHANNEL=C1\nRUNTYPE_API_KEY=<key>`,
    faults: [
      /SLACK_BOT_TOKEN: is a placeholder/,
      /SLACK_APP_TOKEN: is a placeholder/,
      /RUNTYPE_API_KEY: is a placeholder/,
    ],
  },
  {
    name: 'secrets that are weak, or of another kind',
    file: 'ASK_TOKENS=abc\nINGEST_SECRET=rt_live_12345678\nMETRICS_TOKEN=aaaaaaaaaaaaaaaaaaaaaaaa',
    faults: [
      /ASK_TOKENS: has 3 characters/,
      /INGEST_SECRET: is not a Standard Webhooks secret.* It holds an API key of Runtype, which belongs in RUNTYPE_API_KEY/,
      /METRICS_TOKEN: is easy to guess/,
    ],
  },
  {
    name: 'settings that need each other',
    file: 'HOOKPULSE_API_KEY=k\nRUN_STARTERS=x=slack:U1\nWEBSITE_VISITOR_TOOLS=place_*\nSONZAI_TOKEN=a\nSONZAI_TOKEN_FILE=b',
    faults: [
      /HOOKPULSE_BRAND_UUID: missing/,
      /RUN_STARTERS: "x" is not one of RUNS/,
      /WEBSITE_VISITOR_TOOLS: set WEBSITE_CHATS/,
      /SONZAI_TOKEN, SONZAI_TOKEN_FILE, SONZAI_TOKEN_COMMAND: set only one/,
    ],
  },
  {
    name: 'all kinds at once',
    file: 'PORT=x\nPING=discord:1\nCONFRIM=a\nHOST=0.0.0.0\nGATEWAY_KEYS=*\nFOO=1',
    faults: [
      /PORT: must be/,
      /PING: names a person in discord/,
      /CONFRIM is not/,
      /GATEWAY_KEYS: \*/,
      /FOO is not a setting of Countersign/,
    ],
  },
];

describe('a wrong .env', () => {
  test('is in this table at least thirty times', () => assert.ok(files.length >= 30, String(files.length)));

  for (const { name, file, faults } of files) {
    test(`with ${name}: all its faults are reported at once`, () => {
      const content = typeof file === 'string' ? `${good}\n${file}\n` : file(good);
      const { message, problems, warnings } = refusal(content);
      const reported = [...problems, ...warnings].map((problem) => problem.message);
      for (const fault of faults) {
        assert.equal(reported.filter((one) => fault.test(one)).length, 1, `${fault}\nin\n${message}`);
        assert.match(message, fault);
      }
      assert.equal(reported.length, faults.length, message);
    });
  }
});

describe('a right .env', () => {
  test('may have a BOM, CRLF, quotes, spaces, tabs, export, comments and the same line twice', () => {
    const lines = [
      ...SLACK.split('\n'),
      'export RUNTYPE_API_KEY = "rt_live_1" # a key',
      "\tCONFIRM\t=\t'delete_*, refund_*'\t# quoted",
      'REVIEWERS=slack:U0123   # Dana',
      'LOG_LEVEL=debug',
      'LOG_LEVEL=debug',
      'QUICK_REASONS=`Too "much", It’s late`',
      'MASK_KEYS= # none',
      '   # indented comment',
    ];
    const { confirm, reviewers, forms, logLevel } = start(`\ufeff${lines.join('\r\n')}\r\n`);
    assert.deepEqual(confirm, ['delete_*', 'refund_*']);
    assert.equal(reviewers.length, 1);
    assert.deepEqual([forms.quickReasons, logLevel], [['Too "much"', 'It’s late'], 'debug']);
  });

  test('may be UTF-16, as Windows writes it', () => {
    assert.equal(start(Buffer.from(`\ufeff${good}`, 'utf16le')).reviewers.length, 1);
  });

  test('comes behind the environment, and a typo in the environment is a warning', () => {
    const config = start(`${good}\nPORT=x\n`, { PORT: '4000', CONFRIM: 'delete_*', HOSTS: 'x' });
    assert.equal(config.port, 4000);
    assert.deepEqual(
      config.warnings.map(({ message }) => message),
      ['CONFRIM in the environment is not a setting. Did you mean CONFIRM?'],
    );
  });

  test('may be without people who can press: that is a warning', () => {
    const { warnings } = start(`${good},discord:1\nMASK_PATTERNS=A-\\d+ B-\\d{2,4}\nFOO=\nTZ=UTC\nASK_TOKEN=x\n`);
    assert.deepEqual(
      warnings.map(({ message }) => message.replace(/[:,.].*/, '')),
      ['REVIEWERS names people in Discord', 'MASK_PATTERNS'],
    );
  });
});

describe('what is reported', () => {
  test('has the value and its line, but never a secret', () => {
    const token = 'abcdefgh-secret-1234';
    const { message, problems } = refusal(`${SLACK}\n${RUNTYPE}\nMETRICS_TOKEN=${token.slice(0, 12)}\nPORT=30 00\n`);
    assert.match(message, /PORT: .*\n {4}Given: "30 00" \(\.env, line 6\)/);
    assert.match(message, /METRICS_TOKEN: .*\n {4}Given: 12 characters, not shown \(\.env, line 5\)/);
    assert.ok(!JSON.stringify(problems).includes(token.slice(0, 12)));
  });

  test('says where a value comes from', () => {
    const { message } = refusal(`${good}\nPORT=3000\n`, { PORT: 'x', LOG_LEVEL: 'y' });
    assert.match(message, /Given: "x" \(the environment, which comes before line 6 of \.env\)/);
    assert.match(message, /Given: "y" \(the environment\)/);
  });

  test('never shows a secret that is in the wrong place', () => {
    const secret = 'xoxb-1234567890-ABCDEFGHIJKLMNOP';
    for (const line of [
      `SLACK_CHANNEL=${secret}`,
      `REVIEWERS=${secret}`,
      `${secret}`,
      `${secret}=`,
      `${secret}=1`,
      `CONFIRM="${secret}`,
    ]) {
      const { message } = refusal(`${DISCORD}\n${RUNTYPE}\nPORT=x\n${line}\n`);
      assert.ok(!message.includes('ABCDEFGHIJKLMNOP'), `${line}:\n${message}`);
    }
  });
});
