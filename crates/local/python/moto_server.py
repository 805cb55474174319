"""moto's server, ended with its parent: it exits when its standard input closes.

Arguments: the private port, and the version that moto must have. MOTO_PORT names the endpoint's port, so that calls
of the Step Functions interpreter go through the local stack.
"""

import os
import sys
import threading


def exit_with_parent():
    # Not by way of Python's buffer: a thread that holds its lock makes an interpreter that ends abort, with words of its own after
    # what ended it.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)


threading.Thread(target=exit_with_parent, daemon=True).start()

# The watcher must run during the slow imports, too.
import mends  # noqa: E402

mends.demand(sys.argv[2])
mends.repair()

from moto.server import main  # noqa: E402

main(["-H", "127.0.0.1", "-p", sys.argv[1]])
