/** The building blocks of settings, for the shared ones and for those of each adapter. */
import { z } from 'zod';
import { isBlank } from '../blank.ts';
import { parseDuration, shortDuration } from './duration.ts';
import { entriesOf } from './entries.ts';
import { problemOfKey } from './key.ts';
import { isOrigin, originIn } from './origin.ts';
import { problemOfSecret, problemOfWebhookSecret, secretsIn } from './secret.ts';

/** What a settings shape gives once it is parsed. */
export type Parsed<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

/** What a value looks like, for docs/settings.md and for messages. The last call on a kind of setting. */
export interface Kind {
  /** In a few words: `a list, separated by commas`. */
  format: string;
  /** It is never shown. */
  secret?: boolean;
  /** What its values begin with, and what they are called: one in another setting is reported. */
  begins?: { readonly texts: readonly string[]; readonly called: string };
}

/** The kind of a setting, also behind its default. */
export function kindOf(schema: z.ZodType): Kind | null {
  const meta = schema.meta() as Kind | undefined;
  if (meta?.format !== undefined) return meta;
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return innerType === undefined ? null : kindOf(innerType);
}

function of<T extends z.ZodType>(schema: T, kind: Kind): T {
  return schema.meta({ ...kind });
}

const plain = z.string().trim();
const text = of(plain, { format: 'text' });

const list = of(
  plain.transform((value) => entriesOf(value).filter((item) => !isBlank(item))),
  { format: 'list, separated by commas' },
);

/** Names with `*`. Entries that were separated by something else would match nothing, in silence. */
const patterns = of(
  list.superRefine((entries, context) => {
    for (const entry of entries.filter(isSeveralPatterns)) {
      context.addIssue({ code: 'custom', message: `"${entry}" looks like several patterns: separate them by commas` });
    }
  }),
  { format: 'patterns, separated by commas' },
);

/** A secret that an operator makes. The message never repeats it. */
const secret = of(
  plain.superRefine((value, context) => {
    const problem = problemOfSecret(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  }),
  { format: 'secret', secret: true },
);

const secrets = of(
  list.superRefine((values, context) => {
    for (const problem of problemsOfEach(values, problemOfSecret)) {
      context.addIssue({ code: 'custom', message: problem });
    }
  }),
  { format: 'secrets, separated by commas', secret: true },
);

/** Secrets of Standard Webhooks: several, separated by commas or spaces, while one replaces the other. */
const webhookSecrets = of(
  plain.superRefine((value, context) => {
    for (const problem of problemsOfEach(secretsIn(value), problemOfWebhookSecret)) {
      context.addIssue({ code: 'custom', message: problem });
    }
  }),
  {
    format: 'secrets (whsec_…), separated by commas',
    secret: true,
    begins: { texts: ['whsec_'], called: 'a Standard Webhooks secret' },
  },
);

/** A key or a token that another system made. */
const key = plain.min(1).superRefine((value, context) => {
  const problem = problemOfKey(value);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});

const keys = list.superRefine((values, context) => {
  for (const problem of problemsOfEach(values, problemOfKey)) context.addIssue({ code: 'custom', message: problem });
});

/** An address without a path and without a slash at its end; a client adds the path. */
const origin = of(
  plain
    .superRefine((value, context) => {
      const expected = 'must be an address without a path, like https://api.example.com';
      if (isOrigin(value)) return;
      const meant = originIn(value);
      context.addIssue({ code: 'custom', message: meant === null ? expected : `${expected}. Write ${meant}` });
    })
    .transform((value) => value.replace(/\/$/, '')),
  { format: 'address without a path' },
);

const address = of(
  plain.superRefine((value, context) => {
    if (URL.canParse(value) && /^https?:/.test(value)) return;
    const meant = value.includes('://') || /\s/.test(value) ? null : `https://${value}`;
    const remedy = meant !== null && URL.canParse(meant) && meant.includes('.') ? `. Write ${meant}` : '';
    context.addIssue({ code: 'custom', message: `must be an http or https address${remedy}` });
  }),
  { format: 'address' },
);

/** One of these words. */
function oneOf<const Words extends readonly string[]>(...words: Words) {
  const names = words.map((word) => `"${word}"`).join(' or ');
  return of(z.enum(words, { error: ({ input }) => `must be ${names} (got "${input}")` }), {
    format: words.map((word) => `\`${word}\``).join(' or '),
  });
}

const onOff = of(
  oneOf('on', 'off').transform((value) => value === 'on'),
  { format: '`on` or `off`' },
);

/** A timer waits no longer than this. */
const LONGEST_MS = 24 * 86_400_000;

function timeMessage(leastMs: number, more: string): string {
  return `must be a time like 15s, 30m or 2h, at least ${shortDuration(leastMs)}${more}; a plain number is milliseconds`;
}

/** `30m`, `15s`, `2h`; a plain number is milliseconds. */
function time(leastMs: number) {
  return of(
    plain.transform((value, context): number => {
      const ms = parseDuration(value, 'ms');
      if (ms !== null && ms >= leastMs && ms <= LONGEST_MS) return ms;
      context.addIssue({ code: 'custom', message: timeMessage(leastMs, ` and at most ${shortDuration(LONGEST_MS)}`) });
      return z.NEVER;
    }),
    { format: `time, at least ${shortDuration(leastMs)}` },
  );
}

/** The same; `off` is null. */
function timeOrOff(leastMs: number) {
  return of(
    plain.transform((value, context): number | null => {
      if (value === 'off') return null;
      const ms = parseDuration(value, 'ms');
      if (ms !== null && ms >= leastMs) return ms;
      context.addIssue({ code: 'custom', message: timeMessage(leastMs, ', or "off"') });
      return z.NEVER;
    }),
    { format: `time, at least ${shortDuration(leastMs)}, or \`off\`` },
  );
}

/**
 * The message of what the parser throws is what the operator reads; an AggregateError has one for each thing that is wrong.
 * @param format in a few words
 */
function parsedBy<T>(parse: (value: string) => T, format: string, kind: Omit<Kind, 'format'> = {}) {
  return of(
    plain.transform((value, context): T => {
      try {
        return parse(value);
      } catch (thrown) {
        const errors = thrown instanceof AggregateError ? thrown.errors : [thrown];
        for (const error of errors) {
          context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        }
        return z.NEVER;
      }
    }),
    { format, ...kind },
  );
}

/** Polling more often would load a server that has no news. */
const SHORTEST_POLL_MS = 1_000;

export const setting = {
  of,
  text,
  /** Separated by commas. */
  list,
  patterns,
  /** Of another system; a kind of its own for each. */
  key,
  keys,
  secret,
  /** Separated by commas. */
  secrets,
  webhookSecrets,
  origin,
  address,
  oneOf,
  onOff,
  time,
  timeOrOff,
  parsedBy,
  /** How often a pending list is polled: four times a minute by default. */
  pollMs: time(SHORTEST_POLL_MS).default(15_000),
};

function problemsOfEach(values: readonly string[], problemOf: (value: string) => string | null): string[] {
  return values.flatMap((value, at) => {
    const problem = problemOf(value);
    const entry = values.length > 1 ? `entry ${at + 1} of ${values.length} ` : '';
    return problem === null ? [] : [`${entry}${problem}`];
  });
}

/** Two or more names with `*` or `_`, separated by what is not a comma. */
function isSeveralPatterns(entry: string): boolean {
  const pieces = entry.split(/[;|]|\s+/).filter((piece) => piece.trim() !== '');
  return pieces.length > 1 && (/[;|]/.test(entry) || pieces.filter((piece) => /[*_]/.test(piece)).length > 1);
}
