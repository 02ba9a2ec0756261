/** Row 45: what operators can see and do, by the page and by the doctor, and row 34: their retries. */
import type { Mutations } from '../../mutation.ts';

const page = 'operator/index';
const access = 'operator/access';
const letters = 'engine/operators/dead-letters';

export const operatorMutations = {
  'retry-never-twice': {
    about: 'an operator can’t send a decision again that may have arrived',
    rows: [34],
    edits: [
      {
        in: 'createDeadLetters',
        find: 'const ifNotArrived = isRepeatable(approvals, backends) ? {} : { ifNotArrived: true as const };',
        put: 'const ifNotArrived: { ifNotArrived?: true } = isRepeatable(approvals, backends) ? {} : {};',
      },
    ],
    test: letters,
    title: 'is never sent again from here, where its backend could take it twice',
  },
  'retry-held-back-by-the-door': {
    about: 'a retry for what has not arrived is refused where it may have, whatever its page showed',
    rows: [34],
    edits: [
      {
        in: 'step',
        find: `if (input.ifNotArrived === true && state.mayHaveArrived) return ignore(state, 'not_possible');`,
        put: '',
      },
    ],
    test: letters,
    title: 'is held back by the door itself, whatever was seen before',
  },
  'retry-of-what-was-seen': {
    about: 'a retry from an old page does not repeat a later attempt',
    rows: [34],
    edits: [{ in: 'createDeadLetters', find: 'letter?.claims === claims ?', put: 'letter !== null ?' }],
    test: letters,
    title: 'is not sent by a page that is older than its last attempt',
  },
  'operator-forms-of-this-site': {
    about: 'a form of another site signs nobody in',
    rows: [45],
    edits: [
      {
        in: 'createOperatorPage',
        find: 'app.use(csrf({ origin: (origin, context) => isOwnOrigin(origin, context, settings) }));',
        put: '',
      },
    ],
    test: page,
    title: 'to sign in, or out, from another site changes nothing',
  },
  'operator-forms-of-this-session': {
    about: 'a form without the token of its session changes nothing',
    rows: [45],
    edits: [
      {
        in: 'createOperatorPage',
        find: 'if (!access.isFormToken(operator, token))',
        put: 'if (!access.isFormToken(operator, access.formToken(operator)))',
      },
    ],
    test: page,
    title: 'of another site, of another session, or without its token changes nothing',
  },
  'operator-sign-ins-are-slowed': {
    about: 'a guesser of ADMIN_TOKEN gets few tries, also where one of them is right',
    rows: [45],
    edits: [{ in: 'createAccess', find: `if (seconds !== null) return { type: 'wait', seconds };`, put: '' }],
    test: access,
    title: 'are slowed for each caller, and the right token with them',
  },
  'operator-sign-ins-together': {
    about: 'guessers with many addresses share their tries',
    rows: [45],
    edits: [{ in: 'createAccess', find: ` ?? guard.take(ALL_TRIES, 'everyone')`, put: '' }],
    test: access,
    title: 'of all callers together are slowed, however many addresses they have',
  },
  'operator-named-by-a-trusted-proxy': {
    about: 'only a trusted proxy says who the operator is',
    rows: [45],
    edits: [
      {
        in: 'createAccess',
        find: 'if (identity === null || !isInNetworks(peerOf(context), proxies)) return null;',
        put: 'if (identity === null) return null;',
      },
    ],
    test: access,
    title: 'opens nothing from any other address, whatever else the caller claims',
  },
  'doctor-asked-by-its-owner': {
    about: 'only the owner of the database asks its bot at the socket',
    rows: [45],
    edits: [{ in: 'serveDoctor', find: 'chmodSync(path.file, MODE);', put: '' }],
    test: 'doctor/socket/socket',
    title: 'answers its owner, and is gone after a stop',
  },
  'doctor-leaves-a-held-database': {
    about: 'the doctor does not open a database that a process has',
    rows: [14],
    edits: [{ in: 'examineDatabase', find: 'if (isLocked(file)) throw', put: 'if (file === "") throw' }],
    test: 'store/sqlite/unopened/examine',
    title: 'that a process has is not opened',
  },
  'findings-for-the-operator': {
    about: 'what the doctor found is shown only to who may read the details of /readyz',
    rows: [45],
    edits: [
      {
        in: 'probeRoutes',
        find: '...(stop !== null && { stopped: true }) }, code);',
        put: '...(stop !== null && { stopped: true }), ...doctorsPart(doctor) }, code);',
      },
    ],
    test: 'http/probes',
    title: 'shows what the doctor found last under the same rule',
  },
} as const satisfies Mutations;
