/** Who else on this machine can open what the bot keeps. Tested in test/doctor/machine/files.test.ts. */
import { statSync } from 'node:fs';
import type { Config } from '../../config/config.ts';
import type { Checkup, Found } from '../../core/ports/ports.ts';
import { modeText } from '../../core/text/numbers.ts';
import { findExposed } from '../../store/sqlite/file/private-files.ts';
import { openSecrets } from '../../system/private-files.ts';
import type { Group } from '../run.ts';

/** A user who may write the policy file decides who decides. */
const OTHERS_WRITE = 0o022;

/** @param config that of the bot, with the paths as it sees them */
export function filesGroup(
  { secretFiles, databaseFile }: Pick<Config, 'secretFiles' | 'databaseFile'>,
  policyFile: string | null,
  envFile = '.env',
): Group {
  const checkups: Checkup[] = [
    {
      check: 'files.secrets',
      title: '.env and the files with secrets are their owner’s only',
      look: async () =>
        openSecrets([envFile, ...secretFiles]).map(({ file, mode, chmod }) => ({
          level: 'warning',
          what: `Other users of this machine can open ${file} (${mode}), which holds secrets.`,
          remedy: `Run: ${chmod}`,
          where: file,
        })),
    },
  ];
  if (databaseFile !== ':memory:') {
    checkups.push({
      check: 'files.database',
      title: 'the database, its folder and its backups are their owner’s only',
      look: async () =>
        findExposed(databaseFile).map(({ path, mode, remedy }) => ({
          level: 'warning',
          what: `Other users of this machine can open ${path} (${mode}), which holds what people decided on.`,
          remedy: /[.]$/.test(remedy) || remedy.includes('chmod') ? remedy : `${remedy}.`,
          where: path,
        })),
    });
  }
  if (policyFile !== null) {
    checkups.push({
      check: 'files.policy',
      title: 'only the owner of the policy file can change it',
      look: async () => writableByOthers(policyFile),
    });
  }
  return { title: 'Files', checkups };
}

function writableByOthers(file: string): Found[] {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile() || (found.mode & OTHERS_WRITE) === 0) return [];
  const mode = modeText(found.mode);
  return [
    {
      level: 'warning',
      what: `Other users of this machine can change ${file} (${mode}), and with it who may decide.`,
      remedy: `Run: chmod go-w ${file}`,
      where: file,
    },
  ];
}
