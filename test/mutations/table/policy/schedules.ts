/** Row 73: who is on duty, by what others keep. */
import type { Mutations } from '../../mutation.ts';

const schedules = 'engine/background/schedules';
const contract = 'contract/schedules';

export const scheduleMutations: Mutations = {
  'schedule-unknown-denies': {
    about: 'by a schedule that can’t be looked up no one decides',
    rows: [73],
    edits: [
      {
        in: 'belongs',
        find: `if (found.type === 'unknown') return 'unknown';`,
        put: `if (found.type === 'unknown') return 'yes';`,
      },
    ],
    test: 'core/policy/rules/rights',
    title: 'is unverified where a look-up failed',
  },
  'schedule-token': {
    about: 'a file that names a service without a token is not taken',
    rows: [73, 75],
    edits: [
      {
        in: 'checkPolicy',
        find: `if (kind in one) report([...path, kind], wrong, 'Set it in`,
        put: `if (kind === '') report([...path, kind], wrong, 'Set it in`,
      },
    ],
    test: 'config/policy-file',
    title: 'is an error without its token',
  },
  'schedule-fresh': {
    about: 'who was on duty longer ago than a minute does not decide',
    rows: [73],
    edits: [{ in: 'createSchedules', find: '|| clock.monotonic() - found.at > FRESH_MS', put: '' }],
    test: schedules,
    title: 'is known for a minute after the last look that succeeded',
  },
  'schedule-known-people': {
    about: 'an account that two people of the file have puts neither on duty',
    rows: [73],
    edits: [
      { in: 'contactKinds', find: 'if (name !== undefined && known.length === 1)', put: 'if (name !== undefined)' },
    ],
    test: 'core/policy/schedules/on-duty',
    title: 'are no one by an account that two people have',
  },
  'schedule-empty-told': {
    about: 'the operator reads that a schedule has no one on duty',
    rows: [73],
    edits: [{ in: 'createSchedules', find: 'if (found.who.length > 0) {', put: 'if (found.who.length >= 0) {' }],
    test: schedules,
    title: 'is no one where a schedule is empty',
  },
  'rota-before-its-first-day': {
    about: 'before its first day a rota names no one',
    rows: [73],
    edits: [{ in: 'turnAt', find: 'if (turn < 0) return { who: null, until: changeAt(0) };', put: '' }],
    test: 'core/policy/schedules/rota',
    title: 'has no one before it begins',
  },
  'rota-of-today': {
    about: 'a signature of someone who was taken off the rota does not count',
    rows: [73],
    edits: [{ in: 'belongs', find: `return mayHaveBeen ? 'unseen' : 'no';`, put: `return 'unseen';` }],
    test: 'core/policy/rules/rights',
    title: 'lose the shifts of a rota that they were taken off',
  },
  'calendar-of-a-public-host': {
    about: 'a calendar is not read from a private address',
    rows: [73],
    edits: [{ in: 'publicAddresses', find: 'if (isPublicAddress(address) ||', put: `if (address !== '' ||` }],
    test: contract,
    title: 'is not read from a private address',
  },
  'calendar-of-the-checked-address': {
    about: 'a calendar is read from the address that was checked, and not from what another look-up gives',
    rows: [73],
    edits: [{ in: 'fetchCalendar', find: 'lookup: pinnedLookup(addresses),', put: '' }],
    test: contract,
    title: 'is read from the address that was checked',
  },
  'calendar-over-tls': {
    about: 'a redirect leads a calendar to no address without TLS',
    rows: [73],
    edits: [
      {
        in: 'fetchCalendar',
        find: 'url = secureUrl(new URL(location, url).href, options);',
        put: 'url = new URL(location, url);',
      },
    ],
    test: contract,
    title: 'that redirects in a circle, or to another scheme',
  },
  'calendar-redirects': {
    about: 'a calendar follows three redirects at most',
    rows: [73],
    edits: [{ in: 'fetchCalendar', find: 'redirects <= REDIRECTS_MAX;', put: 'redirects <= 10 * REDIRECTS_MAX;' }],
    test: contract,
    title: 'that redirects in a circle, or to another scheme',
  },
  'calendar-size': {
    about: 'a calendar of any size is not kept in memory',
    rows: [73],
    edits: [{ in: 'fetchCalendar', find: 'readShort(body, MAX_BYTES,', put: 'readShort(body, 100 * MAX_BYTES,' }],
    test: contract,
    title: 'that is too large is a failure',
  },
  'calendar-time': {
    about: 'a calendar that answers slowly is given up',
    rows: [73],
    edits: [{ in: 'fetchCalendar', find: 'MAX_BYTES, options.timeouts.bodyMs)', put: 'MAX_BYTES, 60_000)' }],
    test: contract,
    title: 'that never ends is given up',
  },
  'calendar-reading-time': {
    about: 'a calendar that takes too long to read does not keep the process busy',
    rows: [73],
    edits: [
      {
        in: 'readCalendar',
        find: 'setTimeout(() => reject(new ScheduleError(tooLong)), readMs)',
        put: 'setTimeout(() => {}, readMs)',
      },
    ],
    test: contract,
    title: 'with a repetition that never takes place does not keep the process busy',
    hangs: true,
  },
  'calendar-address-secret': {
    about: 'the secret address of a calendar is in no message',
    rows: [73],
    edits: [
      {
        in: 'fetchCalendar',
        find: '{url.host}`;\n    const { status',
        put: '{url.href}`;\n    const { status',
      },
    ],
    test: contract,
    title: 'never repeats the secret that it uses',
  },
};
