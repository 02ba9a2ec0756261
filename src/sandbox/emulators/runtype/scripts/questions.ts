/** Example runs that ask a person a question. */
import type { Script } from '../types.ts';

export const questionAgent: Script = {
  name: 'question-agent',
  kind: 'agent',
  title: 'Travel desk',
  steps: [
    { do: 'text', text: 'There are two ways to Kiel, and I don’t know what you would like to see there.' },
    {
      do: 'awaits',
      calls: [
        {
          toolName: 'ask_user_question',
          parameters: {
            questions: [
              {
                question: 'How should the team travel to Kiel on 2 September?',
                header: 'Travel',
                options: [
                  { label: 'Train', description: '2 h 10 min, one change' },
                  { label: 'Minibus', description: '1 h 30 min, we drive' },
                ],
              },
              {
                question: 'What should I book there?',
                header: 'Bookings',
                multiSelect: true,
                options: [{ label: 'Hotel' }, { label: 'Dinner' }, { label: 'Meeting room' }],
              },
            ],
          },
        },
      ],
    },
    { do: 'complete', finalOutput: 'Booked as requested: {{ask_user_question}}' },
  ],
};

export const elicitationAgent: Script = {
  name: 'elicitation-agent',
  kind: 'agent',
  title: 'Customer desk',
  steps: [
    { do: 'text', text: 'I am creating the customer in the CRM.' },
    {
      do: 'awaits',
      calls: [
        {
          toolName: 'create_customer',
          parameters: { company: 'Café Amsel' },
          elicitation: {
            serverName: 'crm-server',
            mode: 'form',
            message: 'Who is the contact at Café Amsel, and what do they get?',
            pauseCount: 1,
            requestedSchema: {
              type: 'object',
              properties: {
                name: { type: 'string', title: 'Full name', minLength: 2, maxLength: 80 },
                email: { type: 'string', title: 'E-mail', format: 'email', description: 'Invoices go there.' },
                seats: { type: 'integer', title: 'Seats', minimum: 1, maximum: 50, default: 2 },
                plan: {
                  type: 'string',
                  title: 'Plan',
                  oneOf: [
                    { const: 'basic', title: 'Basic, 9 € a seat' },
                    { const: 'team', title: 'Team, 14 € a seat' },
                  ],
                },
                days: {
                  type: 'array',
                  title: 'Days they can be called',
                  minItems: 1,
                  items: { type: 'string', enum: ['Monday', 'Tuesday', 'Thursday'] },
                },
                start: { type: 'string', title: 'First day', format: 'date' },
              },
              required: ['name', 'email', 'plan', 'days'],
            },
          },
        },
      ],
    },
    { do: 'complete', finalOutput: 'The CRM has it: {{create_customer}}' },
  ],
};

export const elicitationUrl: Script = {
  name: 'elicitation-url',
  kind: 'agent',
  title: 'Calendar clerk',
  steps: [
    { do: 'text', text: 'I need access to the team calendar.' },
    {
      do: 'awaits',
      calls: [
        {
          toolName: 'connect_calendar',
          parameters: { calendar: 'team' },
          elicitation: {
            serverName: 'calendar-server',
            mode: 'url',
            message: 'Please allow access to the team calendar.',
            url: 'https://calendar.example/connect/4417',
          },
        },
      ],
    },
    { do: 'complete', finalOutput: 'The calendar server said: {{connect_calendar}}' },
  ],
};

export const externalAgent: Script = {
  name: 'external-agent',
  kind: 'agent',
  title: 'Freight desk',
  steps: [
    { do: 'text', text: 'The carrier’s own agent has a question about the pallet.' },
    {
      do: 'awaits',
      calls: [
        { toolName: 'external_agent', parameters: {}, externalAgent: { contextId: 'ctx_88', taskId: 'task_4102' } },
      ],
    },
    { do: 'complete', finalOutput: 'The carrier’s agent received: {{external_agent}}' },
  ],
};
