/** Announcements that are large in one of their fields. */

let keys = 0;
export const newKey = (): string => {
  keys += 1;
  return `k${keys}`;
};

export const pauseEvent = (parameters: string): string =>
  `{"type":"approval_start","executionId":"${newKey()}","approvalId":"${newKey()}","toolName":"pay","parameters":${parameters}}`;

export const resultEvent = (output: string): string =>
  `{"type":"execution_complete","executionId":"exec_1","success":true,"finalOutput":${output}}`;

export const listItem = (payload: string): string => `{"approval_id":"${newKey()}","context":"c","payload":${payload}}`;

/** An event for each field that may be large. @param size characters */
export function wrapped(size: number): [name: string, event: string][] {
  const text = JSON.stringify('a "quoted" text\n'.repeat(size / 16));
  const options = Array.from({ length: size / 40 }, (_, at) => ({ label: `Option ${at}`, description: 'one' }));
  const properties = Object.fromEntries(options.map(({ label }) => [label, { type: 'string', title: label }]));
  const asked = (tool: string, parameters: unknown, more: object = {}) =>
    JSON.stringify({ type: 'await', executionId: newKey(), toolCallId: newKey(), toolName: tool, parameters, ...more });
  const base = `{"type":"approval_start","executionId":"e","approvalId":"`;
  return [
    ['a description', `${base}${newKey()}","toolName":"pay","description":${text}}`],
    ['a reason', `${base}${newKey()}","toolName":"pay","reason":${text}}`],
    ['a tool’s name', `${base}${newKey()}","toolName":${text}}`],
    ['the name of an agent', `${base}${newKey()}","toolName":"pay","subagent":{"agentName":${text}}}`],
    ['a label', `${base}${newKey()}","toolName":"pay","toolType":${text}}`],
    ['a question with many options', asked('ask_user_question', { questions: [{ question: 'Which?', options }] })],
    [
      'the schema of an elicitation',
      asked('mcp', {}, { elicitation: { message: 'Fill in', requestedSchema: { type: 'object', properties } } }),
    ],
  ];
}
