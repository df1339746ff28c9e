"""So many may wait at once on this machine: a seat is a lock on a file, and is free when its process dies."""

import fcntl
import os
import threading
from pathlib import Path


class Seats:
    """`number` seats in `folder`, for threads and processes alike. A thread takes one at a time.

    Where the folder cannot be written (a full or read-only disk) the seats are this process's own.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self._folder, self._number = folder, number
        self._mine = threading.local()
        self._own = threading.BoundedSemaphore(number)

    def acquire(self, blocking: bool = False) -> bool:
        """Take a seat if one is free; never waits. Give it back with `release`, in the same thread."""
        assert not blocking
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for place in range(self._number):
                file = os.open(self._folder / str(place), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(file)
                    continue
                self._mine.file = file
                return True
        except OSError:
            self._mine.file = None
            return self._own.acquire(blocking=False)
        return False

    def release(self) -> None:
        """Give this thread's seat back."""
        file, self._mine.file = self._mine.file, None
        if file is None:
            self._own.release()
        else:
            os.close(file)
