/** The building blocks of settings, for the shared ones and for those of each adapter. */
import { z } from 'zod';
import { isBlank } from '../blank.ts';
import { problemOfSecret, problemOfWebhookSecret, secretsIn } from './secret.ts';

/** What a settings shape gives once it is parsed. */
export type Parsed<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

const text = z.string().trim();

const list = text.transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => !isBlank(item)),
);

/** A secret that an operator makes. The message never repeats it. */
const secret = text.superRefine((value, context) => {
  const problem = problemOfSecret(value);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});

const secrets = list.superRefine((values, context) => {
  for (const problem of problemsOfEach(values, problemOfSecret)) context.addIssue({ code: 'custom', message: problem });
});

/** Secrets of Standard Webhooks: several, separated by spaces, while one replaces the other. */
const webhookSecrets = text.superRefine((value, context) => {
  for (const problem of problemsOfEach(secretsIn(value), problemOfWebhookSecret)) {
    context.addIssue({ code: 'custom', message: problem });
  }
});

/** An address without a path and without a slash at its end; a client adds the path. */
const origin = text
  .refine((value) => isOrigin(value), 'must be an address without a path, like https://api.example.com')
  .transform((value) => value.replace(/\/$/, ''));

const address = text.refine(
  (value) => URL.canParse(value) && /^https?:/.test(value),
  'must be an http or https address',
);

/** One of these words. */
function oneOf<const Words extends readonly string[]>(...words: Words) {
  const names = words.map((word) => `"${word}"`).join(' or ');
  return z.enum(words, { error: ({ input }) => `must be ${names} (got "${input}")` });
}

const onOff = oneOf('on', 'off').transform((value) => value === 'on');

function milliseconds(least: number) {
  const message = `must be milliseconds, at least ${least}`;
  return text
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= least, message);
}

const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `15s`, `2h`; a plain number is milliseconds. `off` is null. */
function durationOrOff(leastMs: number) {
  const message = `must be a time like 30m, 2h or 15s, at least ${leastMs} ms, or "off"`;
  return text
    .regex(/^(?:off|\d{1,9}(?:ms|[smhd])?)$/, message)
    .transform((value) => {
      if (value === 'off') return null;
      const [, number = '', unit = 'ms'] = /^(\d+)([a-z]+)?$/.exec(value) ?? [];
      return Number(number) * (unitsMs[unit] ?? 1);
    })
    .refine((value) => value === null || value >= leastMs, message);
}

/** The message of what the parser throws is what the operator reads. */
function parsedBy<T>(parse: (value: string) => T) {
  return text.transform((value, context): T => {
    try {
      return parse(value);
    } catch (thrown) {
      context.addIssue({ code: 'custom', message: thrown instanceof Error ? thrown.message : String(thrown) });
      return z.NEVER;
    }
  });
}

/** Polling more often would load a server that has no news. */
const SHORTEST_POLL_MS = 1_000;

export const setting = {
  text,
  /** Absent unless it is set. */
  optional: text.min(1).optional(),
  /** Separated by commas. */
  list,
  secret,
  /** Separated by commas. */
  secrets,
  webhookSecrets,
  origin,
  address,
  oneOf,
  onOff,
  milliseconds,
  durationOrOff,
  parsedBy,
  /** How often a pending list is polled: four times a minute by default. */
  pollMs: milliseconds(SHORTEST_POLL_MS).default(15_000),
};

function problemsOfEach(values: readonly string[], problemOf: (value: string) => string | null): string[] {
  return values.flatMap((value, at) => {
    const problem = problemOf(value);
    const entry = values.length > 1 ? `entry ${at + 1} of ${values.length} ` : '';
    return problem === null ? [] : [`${entry}${problem}`];
  });
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
}
