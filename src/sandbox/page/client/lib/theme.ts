export type Theme = 'light' | 'dark';

const darkSystem = matchMedia('(prefers-color-scheme: dark)');

/** The theme in the address (`?theme=dark`), otherwise that of the system. */
export function currentTheme(): Theme {
  const chosen = new URLSearchParams(location.search).get('theme');
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return darkSystem.matches ? 'dark' : 'light';
}

/** Shows the whole page in the current theme, and follows the system. */
export function followTheme(): void {
  const show = () => {
    document.documentElement.dataset['theme'] = currentTheme();
  };
  darkSystem.addEventListener('change', show);
  show();
}
