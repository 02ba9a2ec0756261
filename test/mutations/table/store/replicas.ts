/** Safeguards of several replicas on one PostgreSQL. */
import type { Mutations } from '../../mutation.ts';

const test = 'store/postgres/replicas';
export const replicaMutations: Mutations = {
  'replicas-affinity': {
    about: 'the decision of a held run is sent from where its response is held',
    rows: [55],
    edits: [
      {
        in: 'createHeldLanes',
        find: 'return next(runId, (lane) => fleet.keepLane(lane));',
        put: 'return Promise.resolve();',
      },
    ],
    test: 'stories/replicas/held',
    title: 'row 55: every held response gets the rest of its run',
  },
  'replicas-audit-key': {
    about: 'two changes of one approval collide on the number of their audit row',
    rows: [53],
    edits: [{ in: 'auditTables', find: /ignored +text,\s+PRIMARY KEY \(approval_id, seq\)/, put: 'ignored text' }],
    test,
    title: 'row 53: of an approval and a rejection at different replicas one decides',
  },
  'replicas-inputs-first': {
    about: 'a state is read after the inputs that it must hold',
    rows: [53],
    edits: [
      {
        in: 'World',
        find: /const \[found, states, counts, values\]([^\]]*)(\{ sql: sql\.findInputs[^}]*\}),\s*(\{ sql: sql\.loadStates[^}]*\}),/,
        put: `const [states, found, counts, values] = await session.flight([
          { sql: sql.loadStates, values: [ids] },
          { sql: sql.findInputs, values: [inputs] },`,
      },
    ],
    test,
    title: 'row 53: a press that both receive counts once',
  },
  'replicas-one-lane': {
    about: 'two replicas never work in one lane',
    rows: [51],
    edits: [
      { in: 'outboxTables', find: 'CREATE UNIQUE INDEX jobs_running', put: 'CREATE INDEX jobs_running' },
      { in: 'lockClaims', find: /SELECT pg_advisory_xact_lock\(7301116\)/, put: 'SELECT 1' },
    ],
    test,
    title: 'one that claims while another does takes nothing from its lanes',
  },
  'replicas-moved-job': {
    about: 'a claim looks at the row that it locks, not only at what it saw when it began',
    rows: [51],
    edits: [{ in: 'lockClaims', find: "const isThere = 'job.lane = head.lane';", put: "const isThere = 'true';" }],
    test,
    title: 'a job that is moved into a lane that rests, while a claim chooses, waits there',
  },
  'replicas-claims-in-turn': {
    about: 'a claim that is repeated after a cut knows what the others of its replica were given',
    rows: [51],
    edits: [
      {
        in: 'SharedOutbox',
        find: 'const claimed = this.#last.then(() => this.#claimInTurn(request));',
        put: 'const claimed = this.#claimInTurn(request);',
      },
    ],
    test: 'store/postgres/jobs/outbox',
    title:
      'never give a job twice, nor lose one, where the connection of several at once is cut before they reach the database',
  },
  'replicas-use-of-answers': {
    about: 'what one replica used of a standing answer, the others know',
    rows: [56],
    edits: [
      {
        in: 'statementsOf',
        find: "if (records.length > 0) statements.push({ sql: countChange, values: [], returns: 'version' });",
        put: '',
      },
    ],
    test,
    title: 'a standing answer that was used at one replica is used at the other one, too',
  },
  'replicas-left': {
    about: 'the decisions of a run that waits for its application, too, are sent by the replica that has read it',
    rows: [55],
    edits: [
      {
        in: 'openSession',
        find: 'const kept = this.#options.hub.keepLeft(executionId);',
        put: 'const kept = Promise.resolve();',
      },
    ],
    test: 'stories/replicas/held',
    title: 'row 55: a run that waits for its application, too, is never reported as lost, wherever its card is pressed',
  },
  'replicas-records-before-commits': {
    about: 'nothing is recorded by records of the policy that another replica has changed',
    rows: [56],
    edits: [
      {
        in: 'Commits',
        find: 'return isDecided ? [follower.checkStatement(), ...statements] : statements;',
        put: 'return isDecided && follower === undefined ? [] : statements;',
      },
    ],
    test: 'store/postgres/records',
    title: 'is known before anything that it forbids is recorded',
  },
  'replicas-records-before-claims': {
    about: 'no job is taken by records of the policy that another replica has changed',
    rows: [56],
    edits: [
      { in: 'SharedOutbox', find: 'checked, this.#follower.checkStatement(), ...release', put: 'checked, ...release' },
    ],
    test: 'store/postgres/records',
    title: 'is known before a job that it holds back is taken',
  },
  'replicas-records-checked': {
    about: 'records of the policy are compared in the commit that depends on them',
    rows: [56],
    edits: [{ in: 'checkRecords', find: "'SELECT check_records($1)'", put: "'SELECT $1::bigint'" }],
    test: 'store/postgres/records',
    title: 'nothing is committed by what another has changed, until it is read',
  },
  'replicas-archive-checked': {
    about: 'a change that follows a state which another replica has changed and archived since is made again',
    rows: [51],
    edits: [{ in: 'checkArchive', find: "'SELECT check_archive($1, $2)'", put: "'SELECT $1::text[], $2::bigint[]'" }],
    test: 'store/postgres/retention',
    title: 'what one has decided and archived meanwhile, the other one does not decide again as it remembers it',
  },
  'replicas-look': {
    about: 'each replica looks for what others leave, whatever it is told',
    rows: [56],
    edits: [
      { in: 'createPostgresStore', find: 'fleet.size() > 1) news.look();', put: 'fleet.size() > 99) news.look();' },
    ],
    test,
    title: 'row 56: each looks every second for what no one has told it of',
  },
  'replicas-pace': {
    about: 'a lane rests at all replicas',
    rows: [57],
    edits: [
      { in: 'claimDraws', find: 'AND lanes.rest_until > $1::bigint AND', put: 'AND lanes.rest_until IS NULL AND' },
    ],
    test: 'store/postgres/one-room',
    title: 'row 57',
  },
  'replicas-recovery-of-all': {
    about: 'a start takes over only what replicas have left that ended',
    rows: [54],
    edits: [
      { in: 'Left', find: 'this.isAll = isAlone || this.#ended.has(ONLY_REPLICA);', put: 'this.isAll = true;' },
      { in: 'Left', find: 'this.#groupsOfOthers = groupsOf(others);', put: 'this.#groupsOfOthers = new Set();' },
      {
        in: 'Left',
        find: 'this.#runsOfOthers = new Set(others.map(runName));',
        put: 'this.#runsOfOthers = new Set();',
      },
    ],
    test: 'engine/recovery/adoption',
    title: 'its streams are over; those of others go on',
  },
  'replicas-pass-of-before': {
    about: 'what a replica read of a backend’s list before it froze is not announced after another one polls',
    rows: [61],
    edits: [{ in: 'createPolling', find: 'if (!isOurs()) return false;', put: '' }],
    test: 'backends/shared/polling',
    title: 'nothing of a pass that ended once another replica may poll, nor what is left of one then',
  },
  'replicas-duty-epoch': {
    about: 'what a replica looked up before it lost the duty is refused',
    rows: [61],
    edits: [
      {
        in: 'saveMembers',
        find: `FROM duties WHERE name = 'members' AND epoch = $4::bigint`,
        put: `FROM duties WHERE name = 'members'`,
      },
    ],
    test: 'store/postgres/duties',
    title:
      'are those that the replica with the duty has seen; what one that was frozen past its lease brings along is refused',
  },
  'replicas-two-statements': {
    about: 'a job ends by two statements, the second of which sees what came in during the first',
    rows: [51],
    edits: [
      {
        in: 'lockClaims',
        find: /WITH ended AS \(DELETE FROM jobs WHERE (\S+) AND NOT again RETURNING job_key\), /,
        put: `WITH done AS (DELETE FROM jobs WHERE \${fenced} AND NOT again RETURNING job_key),
          rerun AS (
            UPDATE jobs SET run_at = 0, attempts = 0, again = false, begun_at = NULL, locked_by = NULL
            WHERE \${fenced} AND again RETURNING job_key),
          ended AS (SELECT * FROM done UNION ALL SELECT * FROM rerun), `,
      },
      { in: 'endStatements', find: '{ sql: sql.rerunJob, values: [...fence, now] },', put: '' },
    ],
    test,
    title: 'a job that is asked for in the moment in which it ends runs again',
  },
  'replicas-own-row': {
    about: 'a commit whose answer was lost is known by what it wrote, and by nothing that another wrote in its place',
    rows: [52],
    edits: [
      {
        in: 'Commits',
        find: 'if (found?.write_id !== doubt.writeId) continue;',
        put: 'if (found === undefined) continue;',
      },
    ],
    test: 'store/postgres/cuts',
    title: 'loses to another replica that was faster meanwhile',
  },
  'replicas-answer-looked-for': {
    about: 'a commit whose answer was lost is looked for before it is tried again',
    rows: [52],
    edits: [{ in: 'Commits', find: 'if (await this.#answeredBy(doubts)) return;', put: '' }],
    test: 'store/postgres/cuts',
    title: 'is recorded where only its answer was lost',
  },
  'replicas-mark-in-doubt': {
    about: 'a decision whose mark was in doubt is sent: no call was made for it',
    rows: [52],
    edits: [{ in: 'createDecideJob', find: 'unsent: known.has(id)', put: 'unsent: false' }],
    test: 'engine/outbox/faults',
    title: 'a decision whose mark was in doubt is sent, and is not taken for one that may have arrived',
  },
  'replicas-late-is-silent': {
    about: 'a replica whose beats are late does nothing before others take it for dead',
    rows: [51],
    edits: [
      {
        in: 'joinFleet',
        find: 'const alive = () => clock.monotonic() - lastBeat < STALE_MS;',
        put: 'const alive = () => true;',
      },
    ],
    test: 'store/postgres/fleet/fleet',
    title: 'is not alive any more when its own beats are late',
  },
  'replicas-silent-posts': {
    about: 'a replica that others may have taken for dead posts nothing',
    rows: [51],
    edits: [{ in: 'platformsWhileAlive', find: /if \(!isOurs\(job, fleet\)\) throw[^;]*;/, put: '' }],
    test: 'engine/outbox/while-alive',
    title: 'it neither posts nor edits',
  },
  'replicas-silent-decisions': {
    about: 'a replica that others may have taken for dead sends no decision',
    rows: [51],
    edits: [
      {
        in: 'platformsWhileAlive',
        find: "if (!isOurs(job, fleet)) return { result: { type: 'unsent', reason: WHY_UNSENT } };",
        put: '',
      },
    ],
    test: 'engine/outbox/while-alive',
    title: 'a decision is not sent by one that was frozen after its job had begun',
  },
  'replicas-job-after-a-lapse': {
    about:
      'a replica that was taken for dead, and is heard of again, does nothing for a job that it had claimed before',
    rows: [51],
    edits: [
      {
        in: 'platformsWhileAlive',
        find: 'return fleet.alive() && fleet.lapses() === lapses;',
        put: 'return fleet.alive();',
      },
    ],
    test: 'engine/outbox/while-alive',
    title: 'a card is not posted and a decision is not sent by a job that was begun before a freeze',
  },
  'replicas-settled-by-another': {
    about: 'a settlement whose answer was lost counts as done only where no other replica has taken the job meanwhile',
    rows: [52],
    edits: [
      {
        in: 'Commits',
        find: 'call.isInDoubt && ending !== null && lapses.get(draft) === ending.job.lapses;',
        put: 'call.isInDoubt;',
      },
    ],
    test: 'store/postgres/write/commits',
    title: 'ends no job that another replica has taken over meanwhile',
  },
  'replicas-recover-the-dead': {
    about: 'only what a dead replica had left is recovered, and nothing of those that live',
    rows: [50, 51],
    edits: [{ in: 'Left', find: 'this.isAll = isAlone || this.#ended.has(ONLY_REPLICA);', put: 'this.isAll = true;' }],
    test: 'engine/recovery/adoption',
    title: 'calls of applications that passed through it are in doubt',
  },
  'replicas-held-lanes': {
    about: 'a decision is sent by the replica at which the application listens',
    rows: [51],
    edits: [
      {
        in: 'lockClaims',
        find: 'WHERE holds.lane = next.lane AND holds.replica <> $4',
        put: 'WHERE false AND holds.lane = next.lane AND holds.replica <> $4',
      },
    ],
    test,
    title: 'a decision is left to the replica that holds its lane',
  },
  'newer-fields-kept': {
    about: 'what a newer version has stored stays where an older one changes it',
    rows: [60],
    edits: [{ in: 'storedObject', find: 'z.looseObject(shape)', put: 'z.object(shape)' }],
    test: 'core/approval/stored-shapes',
    title: 'no input erases the fields of a newer version, and none is decided otherwise because of them',
  },
  'newer-shape-refused': {
    about: 'an approval that an older version would misread is not changed',
    rows: [60],
    edits: [{ in: 'isTooNew', find: 'shape > KNOWN_SHAPE', put: 'shape < 0' }],
    test: 'store/sqlite/index',
    title: 'is not changed, where its shape is too new, and nothing of the attempt is recorded',
  },
  'too-old-for-the-schema': {
    about: 'a version does not work with a schema that has lost what it needs',
    rows: [60],
    edits: [{ in: 'tooOldFor', find: 'if (readableFrom <= known) return null;', put: 'return null;' }],
    test: 'store/postgres/schema/migrate',
    title: 'refuse a newer database that has lost what this version needs',
  },
  'replicas-compared': {
    about: 'replicas whose settings differ are reported',
    rows: [63],
    edits: [{ in: 'differenceOf', find: '.size > 1', put: '.size > 9' }],
    test: 'engine/observe/replicas',
    title: 'names what differs, and how each replica stands',
  },
  'replicas-standby-ends': {
    about: 'a process does not go on with a standby that has taken over',
    rows: [58],
    edits: [
      { in: 'watchIdentity', find: 'if (found?.identity === known) return;', put: 'if (known !== undefined) return;' },
    ],
    test: 'store/postgres/opening/failover',
    title: 'and whose standby takes over ends the process',
  },
  'replicas-one-time': {
    about: 'replicas compare times of the database, not of their machines',
    rows: [59],
    edits: [{ in: 'DatabaseClock', find: 'this.#offset === null ?', put: 'this.#offset !== undefined ?' }],
    test: 'store/postgres/fleet/clock',
    title: 'two machines whose clocks are apart have one time',
  },
};
