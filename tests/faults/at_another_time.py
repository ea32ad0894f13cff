"""Runs Python with a clock that is so many seconds ahead, or behind; it goes on as clocks do.

    python at_another_time.py -3600 manage.py …
    python at_another_time.py 3600 -m uvicorn …

Time that only passes, as `time.monotonic` tells it, is no other.
"""

import runpy
import sys
import time
from pathlib import Path

import time_machine

_, ahead, *arguments = sys.argv
sys.path.insert(0, str(Path.cwd()))
time_machine.travel(time.time() + int(ahead), tick=True).start()
if arguments[0] == "-m":
    sys.argv = arguments[1:]
    runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
else:
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")
