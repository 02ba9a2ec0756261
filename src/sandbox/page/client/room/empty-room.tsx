export function EmptyRoom() {
  return (
    <p className="empty-room">
      No messages yet. Press <b>1</b> above: a card is posted here, and you can press its buttons.
    </p>
  );
}
