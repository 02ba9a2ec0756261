export function EmptyRoom() {
  return (
    <p className="empty-room">
      Nothing here yet. Start an example run above: its approval card is posted here, and you can press the buttons on
      it.
    </p>
  );
}
