import type { Redactor } from '../../core/approval/redact.ts';
import type { Delivery, Intake } from '../../core/ports/ports.ts';

/** Blacks out what the operator calls secret, on its way in. */
export function redacting(intake: Intake, { pause, text }: Redactor): Intake {
  return { ...intake, deliver: (delivery) => intake.deliver(redacted(delivery)) };

  function redacted(delivery: Delivery): Delivery {
    switch (delivery.type) {
      case 'announced':
        return { ...delivery, pause: pause(delivery.pause) };
      case 'run_ended':
        return { ...delivery, text: delivery.text === null ? null : text(delivery.text) };
      default:
        return delivery;
    }
  }
}
