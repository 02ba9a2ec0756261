/** The frame of every page. Tested in test/operator/content.test.ts. */
import { html } from 'hono/html';
import type { Stop } from '../../core/policy/operators/stop.ts';
import { thousands } from '../../core/text/numbers.ts';
import { stoppedText } from '../../core/view/operators/stopped.ts';
import type { Operator } from '../access.ts';
import { absoluteText, foreignText, type Html, type Now } from './parts.ts';

export type PageName = 'waiting' | 'decided' | 'dead-letters' | 'health' | 'policy' | 'audit';

/** Where a page is. */
export const paths: Record<PageName, string> = {
  waiting: '/operator',
  decided: '/operator/decided',
  'dead-letters': '/operator/dead-letters',
  health: '/operator/health',
  policy: '/operator/policy',
  audit: '/operator/audit',
};

export const names: Record<PageName, string> = {
  waiting: 'Waiting',
  decided: 'Decided',
  'dead-letters': 'Dead letters',
  health: 'Health',
  policy: 'Policy',
  audit: 'Audit',
};

export interface Frame extends Now {
  operator: Operator;
  formToken: string;
  /** Behind the names of the pages. Absent: none. */
  counts: Partial<Record<PageName, number>>;
  ready: boolean;
  stop: Stop | null;
  release: string | null;
}

/** @param page which one of the navigation it is, or belongs to */
export function layout(page: PageName, title: string, content: Html, frame: Frame): Html {
  const { operator, formToken, now, zone, release } = frame;
  const body = html`<header class="top">
<a class="skip" href="#main">Skip to the content</a>
<p class="brand"><a href="${paths.waiting}">Countersign</a> <span>for operators</span></p>
<nav aria-label="Pages">
<ul>${(Object.keys(paths) as PageName[]).map((name) => navItem(name, name === page, frame))}</ul>
</nav>
<div class="who"><span>Signed in: <bdi>${foreignText(operator.id, 100)}</bdi></span>${
    operator.isSignedIn
      ? html`<form method="post" action="/operator/sign-out"><input type="hidden" name="token" value="${formToken}"><button type="submit">Sign out</button></form>`
      : html``
  }</div>
</header>
<main id="main" tabindex="-1">
<h1>${title}</h1>
${notices(frame)}
${content}
</main>
<footer>
<p>As of ${absoluteText(now, zone)}. Reload the page for what is new: it does not reload itself.</p>
<p>Countersign${release === null ? '' : ` ${release}`}. Decisions are made on the cards in chat, not here.</p>
</footer>`;
  return document(`${title} · Countersign`, body);
}

function navItem(name: PageName, isCurrent: boolean, { counts, ready }: Frame): Html {
  const count = counts[name];
  const extra =
    name === 'health' && !ready
      ? html` <span class="count bad">not ready</span>`
      : count === undefined || count === 0
        ? html``
        : html` <span class="count${name === 'dead-letters' ? ' bad' : ''}">${thousands(count)}</span>`;
  return html`<li><a href="${paths[name]}"${isCurrent ? html` aria-current="page"` : html``}>${names[name]}${extra}</a></li>`;
}

function notices({ stop, ready }: Frame): Html {
  return html`${
    stop === null ? html`` : notice('bad', html`${foreignText(stoppedText(stop))}`)
  }${ready ? html`` : notice('bad', html`Countersign is not ready. <a href="${paths.health}">Health</a> says why, and what to do.`)}`;
}

export function notice(tone: 'good' | 'bad' | 'warning', content: Html): Html {
  return html`<div class="notice ${tone}" role="${tone === 'good' ? 'status' : 'alert'}"><p>${content}</p></div>`;
}

/** A page for people who are not signed in. */
export function plainPage(title: string, content: Html): Html {
  return document(
    `${title} · Countersign`,
    html`<header class="top"><p class="brand">Countersign <span>for operators</span></p></header>
<main id="main" class="narrow"><h1>${title}</h1>
${content}
</main>`,
  );
}

function document(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/operator/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/operator/style.css">
</head>
<body>
${body}
</body>
</html>
`;
}
