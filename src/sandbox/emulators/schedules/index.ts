/** On-call services and calendars, as strict as the real ones. */
export { type CalendarEmulator, createCalendarEmulator } from './calendar.ts';
export { createOpsgenieEmulator, type OpsgenieEmulator, type OpsgenieParticipant } from './opsgenie.ts';
export { createPagerDutyEmulator, type PagerDutyEmulator, type PagerDutyOnCall } from './pagerduty.ts';
