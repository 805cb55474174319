"""What the modules share: the clients, names of their own, deployments, and what was asked for."""

import itertools
import json
import os
import time
import unittest
import uuid
from collections import defaultdict
from contextlib import contextmanager
from types import SimpleNamespace

import boto3
import botocore.model
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.serialize import CBORSerializer

# How the clients speak to CodeDeploy, whose model lists two protocols: botocore prefers JSON, other SDKs take the first.
PROTOCOL = os.environ.get("SUITE_PROTOCOL", "json")
botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = (PROTOCOL, *botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS)

_write = CBORSerializer._serialize_data_item


def _write_as_it_is(self, serialized, value, shape, key=None):
    """botocore writes CBOR by the model's types, and JSON by the values': a mistake in a type is to reach the service either way."""
    fits = {"string": str, "boolean": bool}.get(shape.type_name)
    if fits and not isinstance(value, fits):
        kind = {bool: "boolean", int: "integer", str: "string", list: "list", dict: "map"}[type(value)]
        shape = SimpleNamespace(type_name=kind, member=shape, key=shape, value=shape)
    _write(self, serialized, value, shape, key)


CBORSerializer._serialize_data_item = _write_as_it_is

PLAIN = Config(retries={"mode": "standard", "max_attempts": 3})
# Leaves out what the client checks by itself, so that the service has to.
LOOSE = PLAIN.merge(Config(parameter_validation=False))

codedeploy = boto3.client("codedeploy", config=PLAIN)
loose = boto3.client("codedeploy", config=LOOSE)
aws_lambda = boto3.client("lambda", config=PLAIN)

FUNCTION = os.environ.get("SUITE_FUNCTION", "")
ROLE = "arn:aws:iam::123456789012:role/deployer"
ALL_AT_ONCE = "CodeDeployDefault.LambdaAllAtOnce"
# Holds long enough for anything a test wants to see.
CANARY = "CodeDeployDefault.LambdaCanary10Percent30Minutes"
MISSING_ID = "d-NOSUCHONE"

# What every API says of a body it cannot read; no model lists it.
COMMON = {"SerializationException"}

ANSWERED = set()
REFUSED = defaultdict(set)


def _remember(http_response, parsed, model, **_):
    if http_response.status_code < 300:
        ANSWERED.add(model.name)
    else:
        REFUSED[model.name].add(parsed["Error"]["Code"])


for client in (codedeploy, loose):
    client.meta.events.register("after-call.codedeploy", _remember)


def operation_names():
    return list(codedeploy.meta.service_model.operation_names)


def modelled(operation):
    """The errors that the model lists for an operation."""
    return {shape.name for shape in codedeploy.meta.service_model.operation_model(operation).error_shapes}


_numbers = itertools.count(1)
_run = uuid.uuid4().hex[:8]


def unique(kind="app"):
    """A name nobody else uses."""
    return f"suite-{_run}-{kind}-{next(_numbers)}"


def appspec(target="2", hooks=(), strategy=None, function=None, current=None):
    properties = {"Name": function or FUNCTION, "Alias": "live", "TargetVersion": target}
    if current:
        properties["CurrentVersion"] = current
    spec = {"version": 0.0, "Resources": [{"function": {"Type": "AWS::Lambda::Function", "Properties": properties}}]}
    if hooks:
        spec["Hooks"] = [dict([hook]) for hook in hooks]
    if strategy:
        spec["Strategy"] = strategy
    return json.dumps(spec)


def revision(content=None, **members):
    """An AppSpec as the revision of a deployment."""
    members = {"content": content, **members} if content is not None else members
    return {"revisionType": "AppSpecContent", "appSpecContent": members}


def alias():
    return aws_lambda.get_alias(FunctionName=FUNCTION, Name="live")


def point(version="1", weights=None):
    aws_lambda.update_alias(
        FunctionName=FUNCTION,
        Name="live",
        FunctionVersion=version,
        RoutingConfig={"AdditionalVersionWeights": weights or {}},
    )


def info(deployment):
    return codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]


FINAL = ("Succeeded", "Failed", "Stopped")
# Often enough for a test, and seldom enough that tests beside each other do not wait for each other's looks.
LOOK_EVERY = 0.5


def until(deployment, *statuses, seconds=300):
    """Waits for one of the statuses; gives what GetDeployment says."""
    statuses = statuses or FINAL
    end = time.monotonic() + seconds
    while True:
        seen = info(deployment)
        if seen["status"] in statuses:
            return seen
        if seen["status"] in FINAL or time.monotonic() > end:
            raise AssertionError(f"{deployment} never got to be {' or '.join(statuses)}: {seen}")
        time.sleep(LOOK_EVERY)


def split():
    """What the alias sends to another version than its own."""
    return alias().get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


def until_split(seconds=300):
    """Waits until some of the traffic has moved."""
    end = time.monotonic() + seconds
    while not split():
        if time.monotonic() > end:
            raise AssertionError("no traffic ever moved")
        time.sleep(LOOK_EVERY)


class Case(unittest.TestCase):
    """A test of the API."""

    maxDiff = None

    @contextmanager
    def refused(self, name, *said):
        """Holds that the service refuses with this exception class, in these words."""
        kind = getattr(codedeploy.exceptions, name)
        loosely = getattr(loose.exceptions, name)
        with self.assertRaises((kind, loosely)) as caught:
            yield
        answer = caught.exception.response
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 400)
        self.assertEqual(answer["Error"]["Code"], name)
        self.assertTrue(answer["Error"]["Message"], "an error says what is wrong")
        for words in said:
            self.assertIn(words, answer["Error"]["Message"])

    @contextmanager
    def misunderstood(self):
        """Holds that the service cannot read the input, and says so."""
        with self.assertRaises(ClientError) as caught:
            yield
        self.assertEqual(caught.exception.response["Error"]["Code"], "SerializationException")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)

    def application(self, platform="Lambda", **more):
        name = unique()
        codedeploy.create_application(applicationName=name, computePlatform=platform, **more)
        self.addCleanup(codedeploy.delete_application, applicationName=name)
        return name

    def group(self, application, name="live", **more):
        more.setdefault("deploymentConfigName", ALL_AT_ONCE)
        codedeploy.create_deployment_group(
            applicationName=application, deploymentGroupName=name, serviceRoleArn=ROLE, **more
        )
        return name


class Deploying(Case):
    """A test that deploys, and leaves no deployment of its own open."""

    def setUp(self):
        self.open = []
        self.addCleanup(self.stop_all)

    def stop_all(self):
        for deployment in self.open:
            seen = info(deployment)
            if seen["status"] not in FINAL:
                try:
                    codedeploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
                except codedeploy.exceptions.DeploymentAlreadyCompletedException:
                    pass
                seen = until(deployment)
            rollback = seen.get("rollbackInfo", {}).get("rollbackDeploymentId")
            if rollback:
                until(rollback)

    def deploy(self, application, group, content=None, **more):
        made = codedeploy.create_deployment(
            applicationName=application,
            deploymentGroupName=group,
            revision=revision(content or appspec()),
            **more,
        )["deploymentId"]
        self.assertRegex(made, r"^d-[A-Z0-9]{9}$")
        self.open.append(made)
        return made

    def deployed(self, application, group, content=None, **more):
        """A deployment that has succeeded."""
        made = self.deploy(application, group, content, **more)
        until(made, "Succeeded")
        return made


class Moving(Deploying):
    """A test that deploys to an alias: it finds and leaves it on version 1."""

    def setUp(self):
        self.addCleanup(point)
        super().setUp()
        point()

    def paused(self, application, group="paused"):
        """A deployment that waits for a user, at 30 percent."""
        codedeploy.create_deployment_group(
            applicationName=application, deploymentGroupName=group, serviceRoleArn=ROLE
        )
        strategy = [{"Weight": 30, "UntilContinued": {"Timeout": "1h", "OnTimeout": "Stop"}}]
        made = self.deploy(application, group, appspec(strategy=strategy))
        until(made, "Ready")
        return made
