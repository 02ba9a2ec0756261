/** All that a start would read, also where a start would fail. Tested in test/doctor/planted-faults.test.ts. */
import { type Config, examineConfig } from '../config/config.ts';
import type { Problem } from '../config/problems.ts';
import { SetupError } from '../core/ports/errors.ts';
import type { EnvFile } from '../core/text/settings/env-file.ts';
import { DEFAULT_FILE, findPolicyFile, type PolicyFile, unreadable } from '../policy/file/read.ts';
import { loadEnvFile } from '../system/env-file.ts';

export interface ReadAll {
  /** What can be read; where there are problems no bot may run with it. */
  config: Readonly<Config>;
  /** Why a start would fail. */
  problems: readonly Problem[];
  /** The settings as they are given, `.env` included; null: they are not known any more. */
  environment: Readonly<Record<string, string | undefined>> | null;
  /** `.env` could be read, or there is none: then what is missing is missing. */
  isWhole: boolean;
  /** As it was named; null: there is none. */
  policyFile: string | null;
}

/** @param envFile path of `.env` */
export async function readAll(given: Readonly<Record<string, string | undefined>>, envFile: string): Promise<ReadAll> {
  const environment = { ...given };
  const problems: Problem[] = [];
  let file: EnvFile | null = null;
  try {
    file = loadEnvFile(environment, envFile);
  } catch (thrown) {
    if (!(thrown instanceof SetupError)) throw thrown;
    problems.push({ names: ['.env'], message: thrown.message, given: null, where: envFile });
  }
  const policy = await policyFileOf(environment['POLICY_FILE']);
  const examined = examineConfig(environment, file, policy);
  // Without its `.env` most settings are missing, and none of them is to be added elsewhere.
  const more = problems.length > 0 ? [] : examined.problems;
  return {
    config: examined.config,
    problems: [...problems, ...more],
    environment,
    isWhole: problems.length === 0,
    policyFile: policy?.path ?? null,
  };
}

/** A file that can't be read is one with an error: the settings that it says are not missing. */
async function policyFileOf(setting: string | undefined): Promise<PolicyFile | null> {
  try {
    return await findPolicyFile(setting);
  } catch (thrown) {
    if (!(thrown instanceof SetupError)) throw thrown;
    return { path: setting?.trim() || DEFAULT_FILE, text: '', loadPolicy: () => unreadable(thrown) };
  }
}
