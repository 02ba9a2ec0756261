/** The Dockerfile, read as far as the tests need it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');

export interface Instruction {
  name: string;
  /** Continued lines are joined. */
  args: string;
}

export interface Stage {
  from: string;
  instructions: readonly Instruction[];
}

export interface Image {
  /** The arguments before the first stage, with their defaults. */
  args: Readonly<Record<string, string>>;
  stages: readonly Stage[];
  /** Of the last stage, with the last of each instruction. */
  user: string;
  folder: string;
  volume: string;
  stopSignal: string;
  port: number;
  env: Readonly<Record<string, string>>;
  entrypoint: readonly string[];
  command: readonly string[];
  /** What the check of its health runs. */
  healthCommand: readonly string[];
}

export function readDockerfile(text = dockerfile): Image {
  const args: Record<string, string> = {};
  const stages: { from: string; instructions: Instruction[] }[] = [];
  const joined = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  for (const line of joined.split('\n').filter((one) => one.trim() !== '')) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    assert.notEqual(name, '', `not an instruction: ${line}`);
    if (name === 'FROM') stages.push({ from: rest, instructions: [] });
    else if (stages.length > 0) stages.at(-1)?.instructions.push({ name, args: rest });
    else if (name === 'ARG') args[rest.slice(0, rest.indexOf('='))] = rest.slice(rest.indexOf('=') + 1);
  }
  const last = stages.at(-1)?.instructions ?? [];
  const lastOf = (wanted: string) => last.findLast(({ name }) => name === wanted)?.args ?? '';
  const listOf = (text: string) => (text === '' ? [] : (JSON.parse(text) as string[]));
  const env = last.filter(({ name }) => name === 'ENV').flatMap(({ args: pairs }) => pairs.split(/\s+/));
  return {
    ...{ args, stages },
    user: lastOf('USER'),
    folder: lastOf('WORKDIR'),
    volume: lastOf('VOLUME'),
    stopSignal: lastOf('STOPSIGNAL'),
    port: Number(lastOf('EXPOSE')),
    env: Object.fromEntries(env.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])),
    entrypoint: listOf(lastOf('ENTRYPOINT')),
    command: listOf(lastOf('CMD')),
    healthCommand: listOf(lastOf('HEALTHCHECK').replace(/^.*?CMD\s+/, '')),
  };
}
