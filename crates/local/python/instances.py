"""What moto keeps for ever, forgotten.

moto lists every instance of a model that it ever made, for its own dashboard: each version of each item of a table, each event,
each rule. Nobody looks at the dashboard here, and a stack that has seen hundreds of deployments would hold all they ever wrote.
"""

from moto.core.common_models import BaseModel


def keep_no_list_of_instances():
    """Every model is made without being listed."""
    if "__new__" not in vars(BaseModel):
        raise RuntimeError("this moto tracks its instances in another way: see instances.py")
    BaseModel.__new__ = staticmethod(untracked)


def untracked(cls, *_, **__):
    return super(BaseModel, cls).__new__(cls)


MENDS = (keep_no_list_of_instances,)
