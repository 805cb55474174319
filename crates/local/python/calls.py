"""What moto looks for anew with every request it gets, and every call it makes, found once."""

import functools
import sys
import threading

from botocore.config import Config
from moto.core import responses
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.stepfunctions.parser.asl.utils import boto_client
from werkzeug.serving import WSGIRequestHandler


def hold_many_connections():
    """An execution that waits for a function holds a connection, and hundreds may wait."""
    Config.OPTION_DEFAULTS["max_pool_connections"] = 2000


def share_clients():
    """The interpreter makes a new boto3 client for each task: some 50 ms of loading models. Clients can be shared."""
    make_client = boto_client.boto_client_for
    clients = functools.cache(lambda region, service: make_client(region=region, service=service))
    one_at_a_time = threading.Lock()

    def shared_client(region, service, state_credentials=None):
        with one_at_a_time:
            return clients(region, service)

    boto_client.boto_client_for = shared_client
    # Some have imported it by name.
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions.") and vars(module).get("boto_client_for") is make_client:
            module.boto_client_for = shared_client


def find_a_host_once():
    """moto tries some hundred patterns on a host to find its service, one request after the other."""
    backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)
    DomainDispatcherApplication.get_backend_for_host = lambda self, host: backend_for_host(self, host)


def list_methods_once():
    """moto looks through the methods of a service at each call of it."""
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)


def log_no_request():
    """Nobody reads it."""
    WSGIRequestHandler.log_request = lambda *_: None


MENDS = (hold_many_connections, share_clients, find_a_host_once, list_methods_once, log_no_request)
