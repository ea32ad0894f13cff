"""Writers as processes: all of one kind start, then each round all of them write for a while."""

import contextlib
import importlib
import multiprocessing
import time
from collections.abc import Iterator

SPAWN = multiprocessing.get_context("spawn")


class Crew:
    """Writers of one kind, ready to write. `begin` names a function, as "module:function", that
    is called in each process with `arguments` and its number, and returns what writes once: a
    function without arguments. What that returns, if anything, is collected."""

    def __init__(self, begin: str, writers: int, *arguments: object) -> None:
        self._pipes = []
        for number in range(writers):
            mine, theirs = SPAWN.Pipe()
            process = SPAWN.Process(
                target=_write, args=(begin, theirs, arguments, number), daemon=True
            )
            process.start()
            theirs.close()  # so that the end of a writer is noticed
            self._pipes.append((mine, process))
        for pipe, _ in self._pipes:
            _told(pipe)

    def write(self, seconds: float) -> tuple[float, list]:
        """Let all of them write for `seconds`; how often they did in a second, and what came."""
        for pipe, _ in self._pipes:
            pipe.send(seconds)
        done = [_told(pipe) for pipe, _ in self._pipes]
        return sum(count / took for count, took, _ in done), [x for *_, came in done for x in came]

    def close(self) -> None:
        for pipe, process in self._pipes:
            pipe.send(None)
            process.join()


@contextlib.contextmanager
def crews(kinds: dict[str, tuple]) -> Iterator[dict[str, Crew]]:
    """A crew for each name; `kinds` has Crew's arguments."""
    made = {}
    try:
        for name, arguments in kinds.items():
            made[name] = Crew(*arguments)
        yield made
    finally:
        for crew in made.values():
            crew.close()


def _told(pipe):
    try:
        return pipe.recv()
    except EOFError:
        raise SystemExit("a writer ended too early: see its error above") from None


def _write(begin: str, pipe, arguments: tuple, number: int) -> None:
    module, _, name = begin.partition(":")
    once = getattr(importlib.import_module(module), name)(*arguments, number)
    for _ in range(30):  # connections, prepared statements and caches are not what is measured
        once()
    pipe.send("ready")
    while (seconds := pipe.recv()) is not None:
        count, came, began = 0, [], time.perf_counter()
        end = began + seconds
        while (now := time.perf_counter()) < end:
            if (one := once()) is not None:
                came.append(one)
            count += 1
        pipe.send((count, now - began, came))
