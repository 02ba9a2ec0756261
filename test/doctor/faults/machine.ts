/** Faults of this machine: settings, policy file, files, database, proxy and public address. */
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { secretOf, webhookSecretOf } from '../../support/data/secrets.ts';
import { createTestProxy } from '../../support/network/proxy.ts';
import type { DoctorWorld } from '../world.ts';
import type { PlantedFault } from './planted.ts';

const setting =
  (more: Record<string, string>): PlantedFault['plant'] =>
  ({ settings }) =>
    void Object.assign(settings, more);

/** A database that a bot has used and left. */
async function used(world: DoctorWorld): Promise<string> {
  await world.start();
  await world.stop();
  return world.databaseFile;
}

/** Changes a database that no bot has open. */
function inDatabase(file: string, change: (db: Database.Database) => void): void {
  const db = new Database(file);
  change(db);
  db.close();
}

export const settingsFaults: readonly PlantedFault[] = [
  {
    name: 'a setting is misspelt',
    plant: setting({ REVEIWERS: 'slack:U0REVIEW1' }),
    finds: {
      check: 'settings.values',
      level: 'fault',
      what: /REVEIWERS is not a setting/,
      remedy: /Did you mean REVIEWERS\?/,
    },
  },
  {
    name: 'a setting has a value that it can’t have',
    plant: setting({ PORT: '99999999' }),
    finds: {
      check: 'settings.values',
      level: 'fault',
      what: /^PORT: must be a number/,
      remedy: /Correct it in \.env, line/,
    },
  },
  {
    name: 'a token of our own is too short',
    plant: setting({ ASK_TOKENS: 'abc' }),
    finds: { check: 'settings.values', level: 'fault', what: /^ASK_TOKENS: has 3/, remedy: /openssl rand -base64 24$/ },
  },
  {
    name: 'the secret of deliveries is too short',
    plant: setting({ INGEST_SECRET: 'whsec_YWJj' }),
    finds: { check: 'settings.values', level: 'fault', what: /^INGEST_SECRET: /, remedy: /openssl rand -base64 32/ },
  },
  {
    name: 'the secret of deliveries is also that of callbacks',
    plant: setting({ CALLBACK_SECRET: webhookSecretOf('ingest') }),
    finds: {
      check: 'settings.secrets',
      level: 'warning',
      what: /INGEST_SECRET/,
      remedy: /^Make another secret for .*_SECRET/,
    },
  },
  {
    name: 'a token is in the setting of another one',
    plant: ({ settings }) => void Object.assign(settings, { SLACK_BOT_TOKEN: settings['SLACK_APP_TOKEN'] }),
    finds: {
      check: 'settings.values',
      level: 'fault',
      what: /^SLACK_BOT_TOKEN: must be/,
      remedy: /OAuth & Permissions/,
    },
  },
  {
    name: '.env says what nothing reads',
    plant: setting({ COLOUR_SCHEME: 'dark' }),
    finds: {
      check: 'settings.warnings',
      level: 'warning',
      what: /COLOUR_SCHEME is not a setting of Countersign/,
      remedy: /^Correct it|^Remove/,
    },
  },
  {
    name: '.env is not text',
    plant: ({ envFile, keep }) =>
      keep(envFile, (file) => writeFileSync(file, Buffer.from([0xc3, 0x28]), { mode: 0o600 })),
    finds: { check: 'settings.values', level: 'fault', what: /is not text in UTF-8/, remedy: /^Save it as UTF-8/ },
    // Where the database is, is said there: no bot can be found.
    bot: 'never',
  },
  {
    name: 'others can call, and nothing opens what only the operator may read',
    plant: setting({ HOST: '0.0.0.0' }),
    finds: { check: 'settings.probes', level: 'warning', what: /\/readyz are closed/, remedy: /Set METRICS_TOKEN/ },
    bot: 'before',
  },
  {
    name: 'the token of the page for operators crosses a network in the clear',
    plant: setting({ HOST: '0.0.0.0', METRICS_TOKEN: secretOf('metrics'), ADMIN_TOKEN: secretOf('admin') }),
    finds: { check: 'settings.operator-page', level: 'warning', what: /served without TLS/, remedy: /PUBLIC_URL/ },
    bot: 'before',
  },
  {
    name: 'the policy file has an error',
    plant: ({ policy }) => void policy.push('    colour: red'),
    finds: {
      check: 'policy.file',
      level: 'fault',
      what: /"colour" is not a key of a rule/,
      remedy: /^Valid here: name/,
    },
  },
  {
    name: 'the policy file is gone',
    plant: ({ policyFile, keep }) => keep(policyFile, (file) => rmSync(file)),
    finds: {
      check: 'policy.file',
      level: 'fault',
      what: /does not exist/,
      remedy: /npm run policy -- init|policy init/,
    },
  },
  {
    name: 'the policy lets a key name people that is not set',
    plant: ({ policy }) => void policy.push('requesters: [crm]'),
    finds: { check: 'policy.warnings', level: 'warning', what: /names no key/, remedy: /^Correct crm there/ },
  },
];

export const fileFaults: readonly PlantedFault[] = [
  {
    name: 'others can read .env',
    plant: ({ envFile, keep }) => keep(envFile, (file) => chmodSync(file, 0o644)),
    finds: { check: 'files.secrets', level: 'warning', what: /\.env \(0644\)/, remedy: /^Run: chmod 600 \S+\.env$/ },
  },
  {
    name: 'others can read a file with a token',
    plant(world) {
      const file = join(world.folder, 'sonzai-token');
      writeFileSync(file, world.settings['SONZAI_TOKEN'] ?? '');
      chmodSync(file, 0o644);
      delete world.settings['SONZAI_TOKEN'];
      world.settings['SONZAI_TOKEN_FILE'] = file;
    },
    finds: { check: 'files.secrets', level: 'warning', what: /sonzai-token \(0644\)/, remedy: /^Run: chmod 600 / },
    bot: 'before',
  },
  {
    name: 'others can change the policy file',
    plant: ({ policyFile, keep }) => keep(policyFile, (file) => chmodSync(file, 0o666)),
    finds: { check: 'files.policy', level: 'warning', what: /can change .*\(0666\)/, remedy: /^Run: chmod go-w / },
  },
  {
    name: 'others can read the database',
    async plant(world) {
      if (!world.runs) await used(world);
      chmodSync(world.databaseFile, 0o644);
    },
    finds: { check: 'files.database', level: 'warning', what: /countersign\.db \(0644\)/, remedy: /^Run: chmod 600 / },
  },
  {
    name: 'others can list the folder of the database',
    plant: ({ databaseFile }) => chmodSync(dirname(databaseFile), 0o755),
    finds: { check: 'files.database', level: 'warning', what: /data \(0755\)/, remedy: /^Run: chmod 700 / },
  },
  {
    name: 'others can read a backup',
    plant({ databaseFile }) {
      const folder = join(dirname(databaseFile), 'backups');
      mkdirSync(folder, { mode: 0o700 });
      writeFileSync(join(folder, 'countersign-2026.db'), '');
      chmodSync(join(folder, 'countersign-2026.db'), 0o640);
    },
    finds: { check: 'files.database', level: 'warning', what: /backups.*\(0640\)/, remedy: /^Run: chmod 600 / },
  },
];

export const databaseFaults: readonly PlantedFault[] = [
  {
    name: 'the database is another program’s',
    plant: ({ databaseFile }) => inDatabase(databaseFile, (db) => db.exec('CREATE TABLE songs (title TEXT)')),
    finds: {
      check: 'database.file',
      level: 'fault',
      what: /another program/,
      remedy: /^Set DATABASE_URL to another file/,
    },
    bot: 'never',
  },
  {
    name: 'the database is of a newer version',
    async plant(world) {
      inDatabase(await used(world), (db) => db.pragma('user_version = 999'));
    },
    finds: { check: 'database.file', level: 'fault', what: /newer Countersign/, remedy: /^Run the newer version/ },
    bot: 'never',
  },
  {
    name: 'the database is damaged',
    async plant(world) {
      const file = await used(world);
      let page = 0;
      inDatabase(file, (db) => {
        page = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'jobs'").pluck().get());
        const size = Number(db.pragma('page_size', { simple: true }));
        page = (page - 1) * size;
      });
      damage(file, page);
    },
    finds: { check: 'database.file', level: 'fault', what: /is damaged/, remedy: /^Restore a backup: docs\/backup/ },
    bot: 'never',
  },
  {
    name: 'the database is no database',
    plant: ({ databaseFile }) =>
      writeFileSync(databaseFile, 'not a database, and long enough to have a header'.repeat(9)),
    finds: { check: 'database.file', level: 'fault', what: /not a valid SQLite database/, remedy: /^Set DATABASE_URL/ },
    bot: 'never',
  },
  {
    name: 'beside the database is the log of another one',
    async plant(world) {
      const file = await used(world);
      inDatabase(file, (db) => db.pragma('journal_mode = DELETE'));
      writeFileSync(`${file}-wal`, 'frames of another database');
    },
    finds: { check: 'database.file', level: 'fault', what: /write-ahead log of another/, remedy: /-shm away/ },
    bot: 'never',
  },
  {
    name: 'the database can’t be made where it is to be',
    plant({ folder, settings }) {
      writeFileSync(join(folder, 'file'), '');
      settings['DATABASE_URL'] = `file:${join(folder, 'file', 'countersign.db')}`;
    },
    finds: {
      check: 'database.file',
      level: 'fault',
      what: /is not a folder/,
      remedy: /^Set DATABASE_URL to another path/,
    },
    bot: 'never',
  },
  {
    name: 'the bot gave up on a decision',
    async plant(world) {
      inDatabase(await used(world), (db) =>
        db.exec(`INSERT INTO jobs (kind, lane, job_key, subject, run_at, created_at, dead_at)
          VALUES ('decide', 'decide:ap_1', 'decide:ap_1', 'ap_1', 0, 0, ${Date.now()})`),
      );
    },
    finds: {
      check: 'database.dead',
      level: 'warning',
      what: /gave up on 1 decision/,
      remedy: /“Try again” on the card/,
    },
    bot: 'before',
  },
  {
    name: 'a bot runs that can’t be asked',
    async plant(world) {
      await world.start();
      rmSync(`${world.databaseFile}.sock`);
    },
    finds: {
      check: 'database.file',
      level: 'warning',
      what: /A process uses the database/,
      remedy: /run the doctor again/,
    },
    bot: 'never',
  },
];

export const networkFaults: readonly PlantedFault[] = [
  {
    name: 'the proxy can’t be reached',
    plant: setting({ HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1,localhost' }),
    finds: {
      check: 'proxy.https',
      level: 'fault',
      what: /127\.0\.0\.1:1 can’t be reached/,
      remedy: /^Check that it runs/,
    },
    bot: 'before',
  },
  {
    name: 'the proxy refuses our password',
    async plant(world) {
      const proxy = await createTestProxy({});
      world.atEnd(() => proxy.close());
      proxy.refuse(407);
      Object.assign(world.settings, { HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1,localhost' });
    },
    finds: { check: 'proxy.https', level: 'fault', what: /refuses our credentials/, remedy: /NAME:PASSWORD@/ },
    bot: 'before',
  },
  {
    name: 'the public address is not encrypted',
    plant: setting({ PUBLIC_URL: 'http://bot.example.com', METRICS_TOKEN: secretOf('metrics') }),
    finds: { check: 'public_url.address', level: 'warning', what: /without encryption/, remedy: /TLS in front/ },
    bot: 'never',
  },
  {
    name: 'the server refuses requests for its public address',
    plant: setting({
      PUBLIC_URL: 'https://bot.example.com',
      ALLOWED_HOSTS: 'localhost',
      METRICS_TOKEN: secretOf('metrics'),
    }),
    finds: {
      check: 'public_url.address',
      level: 'fault',
      what: /get 421/,
      remedy: /^Add bot\.example\.com to ALLOWED_HOSTS/,
    },
    bot: 'never',
  },
  {
    name: 'the public address leads to another server',
    async plant(world) {
      const other = createServer((_, response) => response.end('Welcome to nginx!'));
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      world.atEnd(() => new Promise((resolve) => other.close(resolve)));
      world.settings['PUBLIC_URL'] = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    },
    finds: {
      check: 'public_url.reach',
      level: 'fault',
      what: /not Countersign that answers/,
      remedy: /nginx and Caddy/,
    },
    alone: false,
    bot: 'before',
  },
];

/** Writes over one page, as a bad disk does. */
function damage(file: string, at: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(64, 0xa5), 0, 64, at);
  closeSync(handle);
}
