"""Everything in which the local stack has moto do otherwise than moto does: a function each, named for what is so afterwards.

`mends_test.py` has one test for each, by the same name, which fails on moto as it is.
"""

import importlib.metadata
import sys

# Written against one moto, the one of requirements.txt. Another one may do what is mended here in another way.
INSTALLED = importlib.metadata.version("moto")


def demand(version):
    """Ends the program unless this is the moto that is installed."""
    if INSTALLED != version:
        sys.exit(
            f"moto {INSTALLED} is installed in {sys.prefix}, but the local stack needs moto {version}: "
            "remove that folder, and the next start sets it up anew"
        )


def every():
    """All of them, in the order they are made."""
    import calls
    import functions
    import instances
    import interpreter
    import load_balancers
    import rules
    import stacks
    import tables

    modules = (calls, rules, instances, interpreter, load_balancers, tables, stacks, functions)
    return [mend for module in modules for mend in module.MENDS]


def repair():
    """Call it before moto serves."""
    for mend in every():
        mend()
