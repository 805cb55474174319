"""moto's server, ended with its parent: it exits when its standard input closes.

Argument: the private port. MOTO_PORT names the gateway's port, so that calls
of the Step Functions interpreter go through the gateway.
"""

import functools
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
from botocore.config import Config  # noqa: E402
from moto.cloudformation.models import Stack  # noqa: E402
from moto.core import responses  # noqa: E402
from moto.events.models import Rule  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication  # noqa: E402
from moto.server import main  # noqa: E402
from moto.stepfunctions.parser.asl.utils import boto_client  # noqa: E402
from werkzeug.serving import WSGIRequestHandler  # noqa: E402

# An execution that waits for a function holds a connection, and hundreds may wait.
Config.OPTION_DEFAULTS["max_pool_connections"] = 2000

# moto takes a rule with a schedule and no pattern for one that every event matches. It is for the schedule alone.
send_to_targets = Rule.send_to_targets


def send_unless_scheduled(self, event, *rest, **named):
    if not self.scheduled_expression:
        send_to_targets(self, event, *rest, **named)


Rule.send_to_targets = send_unless_scheduled

# moto shows a parameter that is a list as Python writes one.
def parameters_as_given(self):
    given = self.resource_map.resolved_parameters.items()
    return [
        {"ParameterKey": name, "ParameterValue": ",".join(value) if isinstance(value, list) else value}
        for name, value in given
    ]


Stack.parameter_list = property(parameters_as_given)

# The interpreter makes a new boto3 client for each task: some 50 ms of loading models. Clients can be shared.
make_client = boto_client.boto_client_for
clients = functools.cache(lambda region, service: make_client(region=region, service=service))
clients_lock = threading.Lock()


def shared_client(region, service, state_credentials=None):
    with clients_lock:
        return clients(region, service)


# Before anything imports it by name.
boto_client.boto_client_for = shared_client

# moto tries some hundred patterns on a host to find its service, one request after the other.
backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)
DomainDispatcherApplication.get_backend_for_host = lambda self, host: backend_for_host(self, host)

# moto looks through the methods of a service at each call of it.
responses.method_names_from_class = functools.cache(responses.method_names_from_class)

# Nobody reads it.
WSGIRequestHandler.log_request = lambda *_: None

import instances  # noqa: E402
import interpreter  # noqa: E402
import load_balancers  # noqa: E402
import tables  # noqa: E402

instances.repair()
interpreter.repair()
load_balancers.repair()
tables.repair()

# CloudFormation makes state machines in the backend that only stores them; the API looks in the one that runs them.
from moto.stepfunctions import models  # noqa: E402
from moto.stepfunctions.parser.models import stepfunctions_parser_backends  # noqa: E402

models.stepfunctions_backends = stepfunctions_parser_backends
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
