/** The order of the site: what a new reader needs first. Each page of docs/ is in it once, which test/docs/ checks. */
export interface SidebarPage {
  text: string;
  /** The address on the site, without a sub-path. */
  link: string;
}
export interface SidebarGroup {
  text: string;
  items: SidebarPage[];
}

const group = (text: string, pages: Readonly<Record<string, string>>): SidebarGroup => ({
  text,
  items: Object.entries(pages).map(([link, title]) => ({ text: title, link: `/${link}` })),
});

export const sidebar: SidebarGroup[] = [
  group('Start', { '': 'What it is', 'quick-start': 'Quick start', slack: 'Slack', discord: 'Discord' }),
  group('What asks', { runtype: 'Runtype', sonzai: 'Sonzai', hookpulse: 'HookPulse', asking: 'Asking from scripts' }),
  group('Who decides', {
    reviewers: 'What reviewers get',
    'policy-cookbook': 'Policy cookbook',
    policy: 'The policy file',
    'try-a-policy': 'Try a policy',
    masks: 'Masks',
  }),
  group('Operating', {
    operating: 'Operating',
    deploy: 'Deploying',
    replicas: 'Several replicas',
    doctor: 'Doctor',
    'operator-page': 'Operator’s page',
    proxies: 'Proxies',
    limits: 'Limits',
    backup: 'Backup',
    metrics: 'Metrics',
    upgrade: 'Upgrade',
  }),
  group('Promises', {
    reliability: 'Reliability',
    security: 'Security',
    performance: 'Performance',
    'crash-testing': 'Crash testing',
  }),
  group('Reference', { settings: 'Settings', 'http-api': 'HTTP API', changelog: 'Changelog' }),
  group('Work on it', {
    architecture: 'Architecture',
    'adding-a-backend': 'Adding a backend',
    'adding-a-platform': 'Adding a platform',
    contributing: 'Contributing',
    'report-a-vulnerability': 'Report a vulnerability',
  }),
];
