"""A Lambda Runtime API client for user-made Python functions, standard library only."""

import http.client
import importlib
import json
import os
import sys
import time
import traceback

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
PREFIX = "/2018-06-01/runtime"


class Context:
    """What AWS hands a Python handler as its second argument."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


def failure(error):
    return {
        "errorType": type(error).__name__,
        "errorMessage": str(error),
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def post(connection, path, document):
    body = json.dumps(document).encode()
    headers = {"Content-Type": "application/json"}
    if isinstance(document, dict) and "errorType" in document:
        headers["Lambda-Runtime-Function-Error-Type"] = document["errorType"]
    connection.request("POST", PREFIX + path, body, headers)
    connection.getresponse().read()


def main():
    connection = http.client.HTTPConnection(API)
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    try:
        module, _, name = os.environ["_HANDLER"].rpartition(".")
        handler = getattr(importlib.import_module(module.replace("/", ".")), name)
    except Exception as error:
        traceback.print_exc()
        post(connection, "/init/error", failure(error))
        sys.exit(1)
    while True:
        connection.request("GET", PREFIX + "/invocation/next")
        response = connection.getresponse()
        event = response.read()
        context = Context(response.headers)
        path = f"/invocation/{context.aws_request_id}"
        try:
            answer = handler(json.loads(event or b"null"), context)
            json.dumps(answer)
        except Exception as error:
            traceback.print_exc()
            sys.stderr.flush()
            post(connection, path + "/error", failure(error))
            continue
        sys.stdout.flush()
        post(connection, path + "/response", answer)


try:
    main()
except (ConnectionError, http.client.HTTPException):
    # The stack is gone: so is the reason to run.
    sys.exit(0)
