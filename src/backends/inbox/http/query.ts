import { invalid } from './problem.ts';

export const LIMIT_DEFAULT = 50;
export const LIMIT_MAX = 200;
/** Many proxies cut off longer responses. */
export const WAIT_MAX_S = 60;
/** The digits of a number in a query; more are no number that is calculated with exactly. */
const DIGITS_MAX = 15;
export const NUMBER_MAX = 10 ** DIGITS_MAX - 1;
const NUMBER = new RegExp(`^-?\\d{1,${DIGITS_MAX}}$`);

/** `limit=`, clamped as in the inbox API; absent, 0 or negative: the default. */
export function limitOf(text: string | undefined): number | Response {
  const given = numberIn(text, 'limit');
  if (given instanceof Response) return given;
  return given === null || given <= 0 ? LIMIT_DEFAULT : Math.min(given, LIMIT_MAX);
}

/** `?wait=30` in seconds, or `Prefer: wait=30` (RFC 7240), which is a preference and so never an error. */
export function waitOf(
  text: string | undefined,
  prefer: string | undefined,
): { seconds: number; preferred: boolean } | Response {
  const given = numberIn(text, 'wait');
  if (given instanceof Response) return given;
  const [, wish] = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i.exec(prefer ?? '') ?? [];
  const preferred = given === null && wish !== undefined;
  const seconds = given ?? Number(wish ?? 0);
  return { seconds: Math.min(Math.max(0, seconds), WAIT_MAX_S), preferred };
}

function numberIn(text: string | undefined, name: string): number | null | Response {
  if (text === undefined || text === '') return null;
  return NUMBER.test(text) ? Number(text) : invalid({ message: 'invalid integer', location: `query.${name}` });
}
