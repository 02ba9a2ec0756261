export function EmptyRoom() {
  return (
    <p className="empty-room">
      No messages yet. Start an example above: its approval card is posted here, and you can press its buttons.
    </p>
  );
}
