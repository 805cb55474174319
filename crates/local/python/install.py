"""pip, ended with its parent: it stops when its standard input closes, so that a killed set-up leaves nothing running."""

import os
import runpy
import sys
import threading


def stop_with_parent():
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(1)


threading.Thread(target=stop_with_parent, daemon=True).start()
runpy.run_module("pip", run_name="__main__", alter_sys=True)
