/** What the document shows. Each is checked against its schema in test/backends/inbox/http/openapi.test.ts. */

const question = {
  context: 'Deploy 1.4 to production?',
  agent_name: 'deploy.sh',
  payload: { commit: '5d1f0c2', migrations: 2 },
};

const item = {
  approval_id: 'apr_mFZ0vX3tq8Yb2Qn6s1KdAw',
  asker: 'deploy',
  request_sha256: '0f5c9a8a8f6e1b1c2b3d5e7f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b',
  agent_id: '',
  agent_name: 'deploy.sh',
  user_id: '',
  contact_name: '',
  channel: 'api',
  type: 'question',
  context: 'Deploy 1.4 to production?',
  payload: { commit: '5d1f0c2', migrations: 2 },
  tags: null,
  confidence: null,
  status: 'pending',
  created_at: '2026-12-01T08:41:03.512Z',
};

const approved = {
  ...item,
  status: 'approved',
  resolved_at: '2026-12-01T08:42:17.090Z',
  resolved_by: 'slack:U0123ABCD',
  resolved_by_name: 'Dana Reyes',
};

const withdrawn = { ...item, status: 'withdrawn', resolved_at: '2026-12-01T08:43:00.000Z' };

export const examples = {
  yesOrNo: { summary: 'A yes or no', value: question },
  choice: {
    summary: 'One of several answers, within an hour',
    value: {
      context: 'Where should 1.4 go?',
      options: ['staging', 'production'],
      expires_at: '2026-12-01T09:41:03Z',
    },
  },
  pending: { summary: 'Undecided', value: item },
  approved: { summary: 'Approved', value: approved },
  withdrawn: { summary: 'Withdrawn', value: withdrawn },
  list: { summary: 'One item', value: { items: [item], pending_count: 1 } },
  approve: { summary: 'Approve', value: { action: 'approve', reason: 'Checked by the release bot.' } },
  answer: { summary: 'Answer a question with options', value: { action: 'take_over', answer: 'staging' } },
  callback: {
    summary: 'Approved',
    value: {
      type: 'approval.resolved',
      timestamp: '2026-12-01T08:42:17.090Z',
      data: { ...approved, callback_url: 'https://ci.example.com/hooks/approved' },
    },
  },
  invalid: {
    summary: 'A field is wrong',
    value: {
      title: 'Unprocessable Entity',
      status: 422,
      detail: 'validation failed',
      errors: [{ message: 'unexpected property', location: 'body.contxt' }],
    },
  },
} as const;
