"""The first interactions with a kernel that was had in a risky way, kept so that another kernel can repeat them."""

from __future__ import annotations

from ..jupyter.message import Message

_ENOUGH = 5
_MOST_BYTES = 8 * 2**20


class Trial:
    """Over when enough of the visitor's messages have been answered, or when they are too big to be kept."""

    def __init__(self) -> None:
        self.given: list[Message] = []
        """The messages given to the kernel so far, in order."""
        self.over = False
        self._open: set[str] = set()
        self._answered = 0
        self._bytes = 0

    @property
    def waiting(self) -> bool:
        """Whether the kernel owes an answer."""
        return bool(self._open) and not self.over

    def give(self, message: Message) -> None:
        """A message has been given to the kernel."""
        if self.over:
            return
        self.given.append(message)
        self._open.add(message.msg_id)
        self._bytes += message.size
        if self._bytes > _MOST_BYTES:
            self._end()

    def answer(self, msg_id: str) -> None:
        """The kernel has dealt with a message."""
        if msg_id in self._open:
            self._open.discard(msg_id)
            self._answered += 1
            if self._answered >= _ENOUGH:
                self._end()

    def _end(self) -> None:
        self.over = True
        self.given.clear()
        self._open.clear()
