/** The part of react-dom that the page uses; its own types are a package that nothing else here needs. */
declare module 'react-dom/client' {
  import type { ReactNode } from 'react';
  export function createRoot(container: Element): { render(children: ReactNode): void };
}
