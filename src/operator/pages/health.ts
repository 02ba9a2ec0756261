/** *Health*: whether it can work, and if not, why. Tested in test/operator/content.test.ts. */
import { html } from 'hono/html';
import type { StoreStats } from '../../core/ports/ports.ts';
import { capitalise } from '../../core/text/humanise.ts';
import { counted, duration, sizeText, thousands } from '../../core/text/numbers.ts';
import type { OperatorStatus } from '../../core/view/operators/status-text.ts';
import type { Health } from '../../engine/observe/health.ts';
import { paths } from './layout.ts';
import { badge, fact, foreignText, type Html, moment, type Now, table } from './parts.ts';

/** The part of the doctor's report that is shown here. */
export interface DoctorReport {
  /** As in ISO 8601. */
  at: string;
  groups: readonly {
    findings: readonly { check: string; level: string; what: string; remedy: string; where: string | null }[];
  }[];
}

export interface HealthShown {
  report: ReturnType<Health['report']>;
  status: OperatorStatus;
  stats: StoreStats;
  /** What the doctor found last; null: it has not looked yet. */
  doctor: DoctorReport | null;
  /** How the process started: how the last one ended, and what was recovered. */
  started: { at: string | null; after: string };
}

export function healthPage({ report, status, stats, doctor, started }: HealthShown, now: Now): Html {
  const { open, unsent, oldest, deadCards, deadDecisions, release, runningMs, policy } = status;
  return html`<p class="intro">${report.ready ? badge('ready', 'good') : badge('not ready', 'bad')} ${
    report.ready ? 'Every check passes.' : 'What fails is listed first, with what to do.'
  }</p>
<h2>Checks</h2>
${table(
  'Checks',
  ['Part', 'State', 'What to do', 'Since', 'Last checked'],
  report.checks
    .toSorted((one, other) => Number(one.ok) - Number(other.ok))
    .map(({ name, ok, reason, advice, since, checkedAt }) => [
      html`${capitalise(name.replaceAll('_', ' '))}`,
      html`${ok ? badge('works', 'good') : badge('fails', 'bad')} ${reason === null ? '' : foreignText(reason)}`,
      html`${advice === null ? 'Nothing.' : foreignText(advice)}`,
      since === null ? html`not yet` : moment(since, now),
      checkedAt === null ? html`not yet` : moment(checkedAt, now),
    ]),
)}
${doctorHtml(doctor, now)}
<h2>Work</h2>
<dl>
${fact('Waiting', html`<a href="${paths.waiting}">${counted(open, 'approval')}</a>${oldest === null ? '' : `, the oldest for ${duration(oldest.waitedMs)}: ${oldest.what} (${oldest.backend})`}`)}
${fact('Decided, not delivered', counted(unsent, 'decision'))}
${fact('Dead letters', html`<a href="${paths['dead-letters']}">${counted(deadCards, 'card or note', 'cards and notes')}, ${counted(deadDecisions, 'delivery of decisions', 'deliveries of decisions')}</a>`)}
${fact('Free on the disk of the database', stats.diskFree === null ? null : diskText(stats.diskFree))}
</dl>
<h2>Jobs</h2>
${table(
  'Jobs by kind and state',
  ['Kind', 'Due', 'Oldest due', 'Later', 'Running', 'Dead'],
  stats.jobs.map(({ kind, due, oldestDueMs, waiting, running, dead }) => [
    html`${kinds[kind]}`,
    html`${thousands(due)}`,
    html`${oldestDueMs === null ? 'none' : `${duration(Math.max(0, oldestDueMs))}`}`,
    html`${thousands(waiting)}`,
    html`${thousands(running)}`,
    html`${thousands(dead)}`,
  ]),
)}
<h2>This process</h2>
<dl>
${fact('Version', release ?? 'not known')}
${fact('Running for', duration(runningMs))}
${fact('Before that', `${started.after}`)}
${fact('Policy', `${policy.source}, version ${policy.version}`)}
</dl>`;
}

function doctorHtml(doctor: DoctorReport | null, now: Now): Html {
  const findings = doctor?.groups.flatMap((group) => group.findings) ?? [];
  const when =
    doctor === null ? html`The doctor has not looked yet.` : html`It looked ${moment(Date.parse(doctor.at), now)}.`;
  if (findings.length === 0)
    return html`<h2>Doctor</h2>
<p>${when}${doctor === null ? '' : ' It found nothing.'} <code>countersign doctor</code> looks now.</p>`;
  return html`<h2>Doctor</h2>
<p>${when} <code>countersign doctor</code> looks now.</p>
${table(
  'What the doctor found',
  ['Check', 'What is wrong', 'What to do'],
  findings.map(({ check, level, what, remedy, where }) => [
    html`<code>${check}</code>`,
    html`${badge(level, level === 'fault' ? 'bad' : 'warning')} ${foreignText(what)}${where === null ? '' : html` <span class="detail">${foreignText(where)}</span>`}`,
    html`${foreignText(remedy)}`,
  ]),
)}`;
}

const kinds: Record<StoreStats['jobs'][number]['kind'], string> = {
  draw: 'Cards and notes',
  decide: 'Decisions to backends',
  wake: 'Timers',
};

const GIB = 1024 ** 3;

/** Whole gigabytes are what a person who looks at a disk wants to know. */
function diskText(bytes: number): string {
  return bytes < 10 * GIB ? sizeText(bytes) : `${thousands(Math.round(bytes / GIB))} GB`;
}
