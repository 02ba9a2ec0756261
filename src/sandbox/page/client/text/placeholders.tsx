import { str } from '../lib/json.ts';
import type { Json } from '../lib/protocol.ts';

/** Images come from elsewhere, and the page fetches nothing: their description is shown instead. */
export function ImagePlaceholder({ image }: { image: Json }) {
  return <span className="image-placeholder">🖼 {str(image['alt_text']) || 'image'}</span>;
}

/** What this page cannot draw is shown as it was sent, never left out. */
export function Unknown({ what, json }: { what: string; json: Json }) {
  return (
    <details className="unknown">
      <summary>
        Unsupported {what} of type “{String(json['type'])}”
      </summary>
      <pre>{JSON.stringify(json, null, 2)}</pre>
    </details>
  );
}
