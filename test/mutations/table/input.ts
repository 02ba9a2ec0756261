/** What somebody else wrote: on cards, in forms, in requests and in the log. */
import type { Remedies } from '../remedy.ts';

export const inputRemedies = {
  'text-invisible': {
    about: 'what can’t be seen is made visible',
    edits: [
      {
        file: 'core/text/text.ts',
        find: /\.replace\(invisible, \(found\) => [^\n]*\);/,
        put: '.replace(invisible, (found) => found);',
      },
    ],
    test: 'fuzz/views/cards',
    title: 'is one that Slack takes, pings nobody, and hides nothing',
  },
  'slack-pings-nobody': {
    about: 'nothing in a card is a mention or a link in Slack',
    edits: [
      {
        file: 'platforms/slack/render/message.ts',
        find: `return text.toWellFormed().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');`,
        put: 'return text.toWellFormed();',
      },
    ],
    test: 'fuzz/views/cards',
    title: 'is one that Slack takes, pings nobody, and hides nothing',
  },
  'slack-card-fits': {
    about: 'a card that is too long for Slack is shrunk',
    edits: [
      {
        file: 'platforms/slack/render/message.ts',
        find: 'if (JSON.stringify(blocks).length <= limits.messageJson) break;',
        put: 'if (blocks.length > 0) break;',
      },
    ],
    test: 'platforms/slack/render/message',
    title: 'fits Slack whatever the card holds, and keeps every button',
  },
  'discord-pings-nobody': {
    about: 'Discord is told to ping nobody',
    edits: [
      {
        file: 'platforms/discord/render/message.ts',
        find: 'const noMentions = { parse: [] };',
        put: `const noMentions = { parse: ['everyone', 'users', 'roles'] };`,
      },
    ],
    test: 'fuzz/views/cards',
    title: 'is one that Discord takes, pings nobody',
  },
  'discord-no-markup': {
    about: 'nothing in a card is mark-up in Discord',
    edits: [
      {
        file: 'platforms/discord/render/markdown.ts',
        find: `return text.replace(special, '\\\\$&').replace(listDot, '\\\\.');`,
        put: 'return text;',
      },
    ],
    test: 'fuzz/views/cards',
    title: 'is one that Discord takes, pings nobody',
  },
  'discord-code-stays-in': {
    about: 'nothing breaks out of a block of code',
    edits: [
      {
        file: 'platforms/discord/render/markdown.ts',
        find: "return text.includes('```');",
        put: 'return text.length < 0;',
      },
    ],
    test: 'fuzz/views/cards',
    title: 'is one that Discord takes, pings nobody',
  },
  'secrets-by-look': {
    about: 'what looks like a secret is masked',
    edits: [
      {
        file: 'core/text/mask.ts',
        find: 'for (const shape of shapes) value = value.replace(shape, hide);',
        put: 'void shapes;',
      },
    ],
    test: 'fuzz/views/secrets',
    title: 'from any other text that reaches a card',
  },
  'secrets-by-key': {
    about: 'what sits under a secret key is masked',
    edits: [{ file: 'core/text/mask.ts', find: `if (secrecy === 'secret' || (secrecy`, put: `if ((secrecy` }],
    test: 'fuzz/views/secrets',
    title: 'from parameters',
  },
  'secrets-of-the-operator': {
    about: 'what the operator calls secret is blacked out before it is stored',
    edits: [
      {
        file: 'engine/index.ts',
        find: 'createRedactor(settings.masked ?? { keys: [], patterns: [] })',
        put: 'createRedactor({ keys: [], patterns: [] })',
      },
    ],
    test: 'stories/cards/masked',
    title: 'what the operator calls secret is on no card',
  },
  'secrets-not-in-the-log': {
    about: 'no secret of ours is in the log',
    edits: [
      {
        file: 'system/log.ts',
        find: 'destination.write(cutOut(line, secrets))',
        put: 'destination.write(cutOut(line, secrets.slice(secrets.length)))',
      },
    ],
    test: 'system/log',
    title: 'the log keeps secrets out, whichever way they come in',
  },
  'body-limit': {
    about: 'what is sent in has a largest size, also without a length',
    edits: [{ file: 'http/read-bounded.ts', find: 'if (length > max) return null;', put: '' }],
    test: 'http/server',
    title: 'takes deliveries of up to 1 MiB, whole and untouched',
  },
  'nested-too-deep': {
    about: 'what is nested too deep is cut before it is walked',
    rows: [6],
    edits: [
      { file: 'core/text/parameters.ts', find: `if (depth === 0) return '… nested too deep to be shown';`, put: '' },
    ],
    test: 'core/view/card',
    title: 'what is nested without end is cut, and says so',
  },
  'hidden-stays-hidden': {
    about: 'parameters that the backend calls hidden are left out',
    edits: [
      {
        file: 'core/text/mask.ts',
        find: 'const shown = Object.entries(value).filter(([key]) => !kept.has(key));',
        put: 'const shown = Object.entries(value).filter(([key]) => !kept.has(key) || key);',
      },
    ],
    test: 'core/view/card',
    title: 'what the backend hides is hidden at the top only',
  },
} as const satisfies Remedies;
