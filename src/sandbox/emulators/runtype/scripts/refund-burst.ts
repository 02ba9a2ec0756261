import type { Script } from '../types.ts';

/** Prefix of the burst's script names; a number follows. */
export const BURST_PREFIX = 'refund-burst-';

const orders: readonly (readonly [customer: string, amount: number, note: string])[] = [
  ['Mara Lindqvist', 42.5, 'Broken shade'],
  ['Jon Abara', 18, 'Arrived late'],
  ['Ida Sørli', 129.9, 'Wrong colour'],
  ['Café Amsel', 464, 'Ordered twice'],
  ['Tomasz Wilk', 9.99, 'Missing cable'],
  ['Noor Haddad', 75, 'Scratched'],
  ['Lena Voss', 33.2, 'Arrived late'],
  ['Otto Brandt', 248, 'Cancelled before shipping'],
  ['Aiko Mori', 54.4, 'Wrong size'],
  ['Sven Dahl', 21, 'Missing screws'],
  ['Priya Nair', 88.8, 'Broken shade'],
  ['Pension Möwe', 312, 'Two of six are cracked'],
];

/** Twelve runs of one agent, each with a refund to approve. */
export function refundBurst(): Script[] {
  return orders.map(([customer, amount, note], index) => {
    const orderId = `A-${2_001 + index}`;
    return {
      name: `${BURST_PREFIX}${index + 1}`,
      kind: 'agent',
      title: 'Order desk',
      agentId: 'refund-agent',
      steps: [
        {
          do: 'approval',
          toolName: 'refund_order',
          description: 'Refund an order, in full or in part, to the original payment method.',
          parameters: { orderId, amount, currency: 'EUR', customer, note },
          timeoutMs: 900_000,
          result: { refundId: `RF-${30_001 + index}`, status: 'booked', amount, currency: 'EUR' },
        },
        { do: 'complete', finalOutput: `Refunded ${amount.toFixed(2)} EUR for order ${orderId} to ${customer}.` },
      ],
    };
  });
}
