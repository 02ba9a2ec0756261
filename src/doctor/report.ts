/** What the doctor found, as JSON: docs/doctor.md describes it. Tested in test/doctor/report.test.ts. */
import { z } from 'zod';
import type { Examined } from './run.ts';

/** Another number: a program that read the old shape may not read this one. New keys do not change it. */
const REPORT_VERSION = 1;

const finding = z.object({
  /** The name of the check: `slack.rooms`. It does not change. */
  check: z.string(),
  level: z.enum(['fault', 'warning']),
  what: z.string(),
  remedy: z.string(),
  where: z.string().nullable(),
});

const group = z.object({
  /** `Slack` */
  title: z.string(),
  findings: z.array(finding),
  /** What was looked at and is fine. */
  fine: z.array(z.object({ check: z.string(), title: z.string() })),
  /** What nothing that only reads can tell: a person has to look. It is so in a sound set-up, too. */
  untold: z.array(z.object({ check: z.string(), what: z.string(), remedy: z.string() })),
});

export const reportSchema = z.object({
  version: z.literal(REPORT_VERSION),
  /** `bot`: a running bot was asked; `command`: none ran. */
  source: z.enum(['bot', 'command']),
  /** The version of Countersign that looked. */
  release: z.string().nullable(),
  /** When it was done, ISO 8601. */
  at: z.iso.datetime(),
  durationMs: z.number(),
  faults: z.number(),
  warnings: z.number(),
  groups: z.array(group),
});

export type Report = z.infer<typeof reportSchema>;

/** As exit codes of `countersign doctor`; 2 is a wrong argument, as everywhere. */
export const EXIT = { fine: 0, faults: 1, warnings: 3 } as const;

export function reportOf(
  examined: readonly Examined[],
  about: Pick<Report, 'source' | 'release' | 'at' | 'durationMs'>,
): Report {
  const groups = examined.map(({ title, findings, fine, untold }) => ({
    title,
    findings: findings.map(({ check, level, what, remedy, where = null }) => ({ check, level, what, remedy, where })),
    fine: fine.map(({ check, title: of }) => ({ check, title: of })),
    untold: untold.map(({ check, what, remedy }) => ({ check, what, remedy })),
  }));
  return withCounts({ version: REPORT_VERSION, ...about, groups });
}

/** Groups of the same title are one. */
export function joined(report: Report, more: Report): Report {
  const titles = new Set([...more.groups, ...report.groups].map(({ title }) => title));
  const all = [...more.groups, ...report.groups];
  const groups = [...titles].map((title) => {
    const same = all.filter((one) => one.title === title);
    return {
      title,
      findings: same.flatMap(({ findings }) => findings),
      fine: same.flatMap(({ fine }) => fine),
      untold: same.flatMap(({ untold }) => untold),
    };
  });
  return withCounts({ ...report, groups });
}

function withCounts(report: Omit<Report, 'faults' | 'warnings'>): Report {
  const { version, source, release, at, durationMs, groups } = report;
  const all = groups.flatMap(({ findings }) => findings);
  const count = (level: 'fault' | 'warning') => all.filter((one) => one.level === level).length;
  const counts = { faults: count('fault'), warnings: count('warning') };
  return { version, source, release, at, durationMs, ...counts, groups };
}

export function exitCodeOf({ faults, warnings }: Pick<Report, 'faults' | 'warnings'>): number {
  if (faults > 0) return EXIT.faults;
  return warnings > 0 ? EXIT.warnings : EXIT.fine;
}
