/** Example runs of which each meets another rule of the sandbox's policy. */
import type { GatedCall, Script } from '../types.ts';

/** Longer than any step of the policy. */
const HOUR_MS = 3_600_000;

function agent(name: string, title: string, text: string, call: GatedCall, finalOutput: string): Script {
  return {
    ...{ name, title, kind: 'agent' },
    steps: [
      { do: 'text', text },
      { do: 'approval', timeoutMs: HOUR_MS, ...call },
      { do: 'complete', finalOutput },
    ],
  };
}

export const scriptsByRule: readonly Script[] = [
  agent(
    'large-refund',
    'Order desk',
    'The order was cancelled before it was shipped, so all of it goes back.',
    {
      toolName: 'refund_order',
      description: 'Refund an order, in full or in part, to the original payment method.',
      reason: 'The hotel cancelled all twelve lamps before they were shipped.',
      parameters: { orderId: 'A-1044', amount: 640, currency: 'EUR', customer: 'Hotel Seeblick', note: 'Cancelled' },
      result: { refundId: 'RF-20460', status: 'booked', amount: 640, currency: 'EUR' },
    },
    'Refunded 640.00 EUR for order A-1044 to Hotel Seeblick.',
  ),
  agent(
    'odd-refund',
    'Order desk',
    'The customer wrote the amount into the form.',
    {
      toolName: 'refund_order',
      description: 'Refund an order, in full or in part, to the original payment method.',
      parameters: {
        orderId: 'A-1051',
        amount: '640 EUR',
        customer: 'Hotel Seeblick',
        note: 'As written by the customer',
      },
      result: { refundId: 'RF-20461', status: 'booked' },
    },
    'Refunded order A-1051 to Hotel Seeblick.',
  ),
  agent(
    'read-order',
    'Order desk',
    'I look at the order first.',
    {
      toolName: 'get_order',
      description: 'Read an order. Changes nothing.',
      parameters: { orderId: 'A-1009' },
      result: { orderId: 'A-1009', total: 42.5, currency: 'EUR', deliveredOn: '2026-08-28' },
    },
    'Order A-1009: one oak desk lamp, 42.50 EUR, delivered on 28 August.',
  ),
  agent(
    'delete-customer',
    'Customer desk',
    'The customer asked to be forgotten.',
    {
      toolName: 'delete_customer',
      description: 'Delete a customer and all that is stored about them.',
      reason: 'Request of 30 August, checked by the customer desk.',
      parameters: { customer: 'Otto Brandt', customerId: 'K-2217', orders: 3 },
      result: { deleted: true },
    },
    'Otto Brandt and three orders are deleted.',
  ),
  agent(
    'send-update',
    'Customer desk',
    'The parcel is late, and the customer should hear it from us.',
    {
      toolName: 'send_message',
      description: 'Send a message to a customer.',
      parameters: {
        to: 'Café Amsel',
        text: 'Your parcel arrives on Thursday. We are sorry for the delay.',
        note: 'The carrier reported a strike',
      },
      result: { sent: true },
    },
    'Café Amsel knows that the parcel is late.',
  ),
  agent(
    'grant-access',
    'IT desk',
    'A new colleague begins on Monday and needs an account.',
    {
      toolName: 'grant_admin_access',
      description: 'Give an account the rights of an administrator.',
      reason: 'The ticket does not say which rights are needed, so I ask for all of them.',
      parameters: { account: 'p.storm@lamps.example', role: 'admin', system: 'shop' },
      result: { granted: true },
    },
    'p.storm@lamps.example is an administrator of the shop.',
  ),
];
