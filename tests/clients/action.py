"""What AWS's action for GitHub, amazon-ecs-deploy-task-definition, does with a service: its requests as the AWS SDK for JavaScript
sends them (version 2.6 of the action, 3.1075 of the SDK), over HTTP and without a line of that SDK.

    python action.py CLUSTER SERVICE TASK_DEFINITION_FILE CONTAINER PORT

The endpoints are in AWS_ENDPOINT_URL_ECS and AWS_ENDPOINT_URL_CODEDEPLOY. Prints the deployment's id once it has succeeded; ends
with 1 and the action's own words where the action gives up.
"""

import hashlib
import http.client
import json
import os
import sys
import time
import urllib.parse
import uuid

AGENT = "amazon-ecs-deploy-task-definition-for-github-actions"
SDK = "aws-sdk-js/3.1075.0"
# The action looks every 15 seconds.
LOOK_EVERY = 0.5
PATIENCE = 240


class Client:
    """One of the SDK's clients: a connection that is kept, and three attempts where the service is at fault."""

    def __init__(self, service, prefix):
        endpoint = urllib.parse.urlsplit(os.environ[f"AWS_ENDPOINT_URL_{service.upper()}"])
        self.service, self.prefix = service, prefix
        self.connection = http.client.HTTPConnection(endpoint.hostname, endpoint.port, timeout=60)

    def headers(self, operation, body, attempt):
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        # The names are the runner's, and no key of the stack's: what they sign for is the proxy's address.
        scope = f"AKIAACTION/{moment[:8]}/us-east-1/{self.service}/aws4_request"
        signed = (
            "amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-content-sha256;x-amz-date;"
            "x-amz-security-token;x-amz-target;x-amz-user-agent"
        )
        return {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"{self.prefix}.{operation}",
            "content-length": str(len(body)),
            "x-amz-user-agent": f"{SDK} {AGENT}",
            "user-agent": f"{SDK} ua/2.1 os/linux#6.18.44 lang/js md/nodejs#20.20.2 api/{self.service}#3.1075.0 m/E,g {AGENT}",
            "host": f"{self.connection.host}:{self.connection.port}",
            "amz-sdk-invocation-id": str(uuid.uuid4()),
            "amz-sdk-request": f"attempt={attempt}; max=3",
            "x-amz-date": moment,
            "x-amz-security-token": "of-the-runner",
            "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
            "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={'0' * 64}",
            "Connection": "keep-alive",
        }

    def call(self, operation, **members):
        body = json.dumps(members, separators=(",", ":")).encode()
        for attempt in (1, 2, 3):
            self.connection.putrequest("POST", "/", skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers(operation, body, attempt).items():
                self.connection.putheader(name, value)
            self.connection.endheaders(body)
            answer = self.connection.getresponse()
            said = answer.read()
            if answer.status < 500:
                break
        if answer.status >= 300:
            error = json.loads(said)
            message = error.get("message") or error.get("Message")
            sys.exit(f"{error['__type'].rsplit('#')[-1]}: {message}")
        return json.loads(said)


def deploy(cluster, service, task_definition, container, port):
    ecs = Client("ecs", "AmazonEC2ContainerServiceV20141113")
    codedeploy = Client("codedeploy", "CodeDeploy_20141006")
    registered = ecs.call("RegisterTaskDefinition", **task_definition)["taskDefinition"]["taskDefinitionArn"]
    described = ecs.call("DescribeServices", services=[service], cluster=cluster)
    for failure in described.get("failures", []):
        sys.exit(f"{failure['arn']} is {failure['reason']}")
    [found] = described["services"]
    if found["status"] != "ACTIVE":
        sys.exit(f"Service is {found['status']}")
    controller = found.get("deploymentController", {}).get("type", "ECS")
    if controller != "CODE_DEPLOY":
        sys.exit(f"Unsupported deployment controller: {controller}")
    named = {
        "applicationName": f"AppECS-{cluster}-{service}",
        "deploymentGroupName": f"DgpECS-{cluster}-{service}",
    }
    group = codedeploy.call("GetDeploymentGroup", **named)["deploymentGroupInfo"]
    waits = group["blueGreenDeploymentConfiguration"]
    minutes = (
        waits["deploymentReadyOption"]["waitTimeInMinutes"]
        + waits["terminateBlueInstancesOnDeploymentSuccess"]["terminationWaitTimeInMinutes"]
    )
    # Of YAML's `version: 0.0` JavaScript makes a 0.
    balancer = {"ContainerName": container, "ContainerPort": port}
    properties = {"TaskDefinition": registered, "LoadBalancerInfo": balancer}
    target = {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
    content = json.dumps({"version": 0, "Resources": [target]}, separators=(",", ":"))
    digest = hashlib.sha256(content.encode()).hexdigest()
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": digest}}
    deployment = codedeploy.call("CreateDeployment", **named, revision=revision)["deploymentId"]
    end = time.monotonic() + PATIENCE + 60 * minutes
    while (status := codedeploy.call("GetDeployment", deploymentId=deployment)["deploymentInfo"]["status"]) != "Succeeded":
        if status in ("Failed", "Stopped") or time.monotonic() > end:
            sys.exit(f"{deployment} is {status}")
        time.sleep(LOOK_EVERY)
    return deployment


if __name__ == "__main__":
    cluster, service, definition, container, port = sys.argv[1:]
    with open(definition) as file:
        print(deploy(cluster, service, json.load(file), container, int(port)))
