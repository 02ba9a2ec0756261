/** The part of react-dom that the page uses; its types package would be needed for nothing else. */
declare module 'react-dom/client' {
  import type { ReactNode } from 'react';
  export function createRoot(container: Element): { render(children: ReactNode): void };
}
