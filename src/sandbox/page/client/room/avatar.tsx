const colours = ['#4a7fb5', '#b5654a', '#6a8f4e', '#8a62b3', '#b38b3a'];

/** A person's initials on a fixed colour, or the bot's mark; no image is fetched. */
export function Avatar({ name, bot }: { name: string; bot: boolean }) {
  if (bot) {
    return (
      <span className="avatar avatar-bot" aria-hidden="true">
        <svg viewBox="0 0 36 36" width="100%" height="100%" role="presentation">
          <rect width="36" height="36" fill="#1f5f5b" />
          <path
            d="M9 25c4-1 5-12 8-12s0 9 3 9 3-4 7-5"
            fill="none"
            stroke="#f2d58b"
            strokeWidth="2.4"
            strokeLinecap="round"
          />
          <path d="M8 29h20" stroke="#fff" strokeWidth="1.6" strokeLinecap="round" opacity=".7" />
        </svg>
      </span>
    );
  }
  const initials = name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .join('')
    .slice(0, 2)
    .toUpperCase();
  const sum = [...name].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return (
    <span className="avatar" aria-hidden="true" style={{ background: colours[sum % colours.length] }}>
      {initials}
    </span>
  );
}
