/** What runs the bot, and the clocks of all. Tested in test/doctor/machine/node.test.ts. */
import { versions } from 'node:process';
import type { Examined, Group } from '../run.ts';

/** As `engines` of package.json. */
const NODE_MIN = [24, 5] as const;
export const MACHINE = 'This machine';

export function nodeGroup(version: string = versions.node): Group {
  return {
    title: MACHINE,
    checkups: [
      {
        check: 'machine.node',
        title: `Node ${version}`,
        look: async () => {
          const [major = 0, minor = 0] = version.split('.').map(Number);
          if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return [];
          return [
            {
              level: 'fault',
              what: `This is Node ${version}; Countersign needs ${NODE_MIN.join('.')} or newer.`,
              remedy: 'Start it by npm start, which brings its own Node, or install Node 24.',
            },
          ];
        },
      },
    ],
  };
}

/** Several systems whose clocks differ from ours have one cause: ours is wrong. */
export function withOneClock(examined: readonly Examined[]): Examined[] {
  const isClock = ({ check }: { check: string }) => check.endsWith('.clock');
  const all = examined.flatMap(({ title, findings }) => findings.filter(isClock).map((found) => ({ title, found })));
  const titles = [...new Set(all.map(({ title }) => title))];
  const [first] = all;
  if (first === undefined || titles.length < 2) return [...examined];
  const worst = all.find(({ found }) => found.level === 'fault') ?? first;
  const others = titles.filter((title) => title !== worst.title).join(' and ');
  const what = `${worst.found.what} Those of ${others} differ from it, too.`;
  const finding = { ...worst.found, check: 'machine.clock', what };
  return examined.map((group) => {
    const findings = group.findings.filter((found) => !isClock(found));
    return { ...group, findings: group.title === MACHINE ? [...findings, finding] : findings };
  });
}
