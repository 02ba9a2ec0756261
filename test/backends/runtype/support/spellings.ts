/** Other spellings of a path that a lenient server may accept. */
import fc from 'fast-check';

type Change = (path: string, at: number) => string;

const segments = (path: string) => path.split('/').slice(1);
const joined = (parts: readonly string[]) => `/${parts.join('/')}`;
/** One segment after the first: the gateway serves what is below `/v1/`. */
function inSegment(change: (segment: string) => readonly string[]): Change {
  return (path, at) => {
    const parts = segments(path);
    const index = 1 + (at % (parts.length - 1));
    return joined(parts.flatMap((part, place) => (place === index ? change(part) : part)));
  };
}
const percent = (code: number) => `%${code.toString(16).padStart(2, '0')}`;

const changes: Change[] = [
  inSegment((part) => [part.toUpperCase()]),
  inSegment((part) => [part.charAt(0).toUpperCase() + part.slice(1)]),
  inSegment((part) => ['', part]),
  inSegment((part) => ['.', part]),
  inSegment((part) => ['x', '..', part]),
  inSegment((part) => ['%2e', part]),
  inSegment((part) => ['y', '%2E%2e', part]),
  inSegment((part) => [`${part};v=1`]),
  inSegment((part) => [`${part};`]),
  (path, at) => {
    const index = 4 + (at % (path.length - 4));
    return /[a-z_]/i.test(path.charAt(index))
      ? path.slice(0, index) + percent(path.charCodeAt(index)) + path.slice(index + 1)
      : path;
  },
  (path) => `${path}/`,
  (path) => `${path}//`,
];

/** Any spelling of this path, with any query. */
export function spelled(path: string): fc.Arbitrary<string> {
  const change = fc.tuple(fc.constantFrom(...changes), fc.nat());
  return fc
    .tuple(fc.array(change, { maxLength: 4 }), fc.constantFrom('', '?events=unified', '?', '#x'))
    .map(([all, query]) => all.reduce((spelling, [work, at]) => work(spelling, at), path) + query);
}
