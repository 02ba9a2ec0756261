/** What one process measures: one subject of one case, once. */
import type { Figures } from '../contract.ts';
import type { From } from './product.ts';

export interface Task {
  name: string;
  subject: string;
  quick: boolean;
  from: From;
  /** The folder of the whole run. */
  shared: string;
  /** The folder for profiles of product subjects; null: none. */
  profiles: string | null;
}

export type Outcome = { figures: Figures } | { error: string };

export const profileName = ({ name, subject }: Pick<Task, 'name' | 'subject'>) =>
  `${name}-${subject.replace(/\W+/g, '-')}-\${pid}.cpuprofile`;

export const profileFlags = (task: Task): string[] =>
  task.profiles === null
    ? []
    : ['--cpu-prof', `--cpu-prof-dir=${task.profiles}`, `--cpu-prof-name=${profileName(task)}`];
