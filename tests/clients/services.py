"""Deployments to a service: its group, its target with both task sets, its waits, and the way back.

The tests share one service. Each finds it on one task set, whichever that is, and deploys the other revision to it.
"""

import json
import os
import time

import boto3

from stage import LOOK_EVERY, PLAIN, Deploying, codedeploy, info, until

OPERATIONS = []

CLUSTER = os.environ.get("SUITE_CLUSTER", "default")
SERVICE = os.environ.get("SUITE_SERVICE", "")
GROUPS = os.environ.get("SUITE_TARGET_GROUPS", "").split(",")
LISTENER = os.environ.get("SUITE_LISTENER", "")
TEST_LISTENER = os.environ.get("SUITE_TEST_LISTENER", "")
CONTAINER, _, PORT = os.environ.get("SUITE_CONTAINER", "web:8080").partition(":")

ALL_AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"
# Holds long enough for anything a test wants to see.
CANARY = "CodeDeployDefault.ECSCanary10Percent15Minutes"
STYLE = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
EVENTS = [
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
]
# A task set takes its time to be steady.
PATIENCE = 240

ecs = boto3.client("ecs", config=PLAIN)
elbv2 = boto3.client("elbv2", config=PLAIN)


def task_sets():
    """The revision of each task set that is not going away, by what ECS calls the task set."""
    [service] = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    sets = [each for each in service["taskSets"] if each["status"] != "DRAINING"]
    return {each["status"]: each["taskDefinition"].rsplit(":", 1)[1] for each in sets}


def forwards():
    """What the production listener sends to each of the target groups, by name."""
    [listener] = elbv2.describe_listeners(ListenerArns=[LISTENER])["Listeners"]
    [action] = listener["DefaultActions"]
    told = action.get("ForwardConfig", {}).get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}]
    weights = {each["TargetGroupArn"].split("/")[1]: each.get("Weight", 1) for each in told}
    return {name: weight for name, weight in weights.items() if weight}


def waits(ready=0, termination=0):
    action = "STOP_DEPLOYMENT" if ready else "CONTINUE_DEPLOYMENT"
    return {
        "deploymentReadyOption": {"actionOnTimeout": action, "waitTimeInMinutes": ready},
        "terminateBlueInstancesOnDeploymentSuccess": {
            "action": "TERMINATE",
            "terminationWaitTimeInMinutes": termination,
        },
    }


def until_so(wanted, look, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            raise AssertionError(f"it was never so: {wanted}")
        time.sleep(LOOK_EVERY)


class Services(Deploying):
    def setUp(self):
        if not SERVICE:
            self.skipTest("SUITE_SERVICE names no service")
        super().setUp()
        self.before = task_sets()
        self.assertEqual(list(self.before), ["PRIMARY"], "another test has left a task set")
        self.revision = "1" if self.before["PRIMARY"] == "2" else "2"

    def service_group(self, name="live", **more):
        """A group for the service, in an application of its own."""
        application = self.application(platform="ECS")
        pair = {
            "targetGroups": [{"name": each} for each in GROUPS],
            "prodTrafficRoute": {"listenerArns": [LISTENER]},
            "testTrafficRoute": {"listenerArns": [TEST_LISTENER]},
        }
        settings = {
            "deploymentConfigName": ALL_AT_ONCE,
            "deploymentStyle": STYLE,
            "ecsServices": [{"clusterName": CLUSTER, "serviceName": SERVICE}],
            "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
            "blueGreenDeploymentConfiguration": waits(),
        }
        return application, self.group(application, name=name, **{**settings, **more})

    def appspec(self, container=CONTAINER):
        properties = {
            "TaskDefinition": f"{SERVICE}:{self.revision}",
            "LoadBalancerInfo": {"ContainerName": container, "ContainerPort": int(PORT)},
        }
        return json.dumps(
            {"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}]}
        )

    def target(self, deployment):
        [name] = codedeploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
        self.assertEqual(name, f"{CLUSTER}:{SERVICE}")
        found = codedeploy.get_deployment_target(deploymentId=deployment, targetId=name)["deploymentTarget"]
        self.assertEqual(found["deploymentTargetType"], "ECSTarget")
        self.assertEqual(set(found), {"deploymentTargetType", "ecsTarget"})
        target = found["ecsTarget"]
        self.assertEqual((target["deploymentId"], target["targetId"]), (deployment, name))
        self.assertRegex(target["targetArn"], rf"^arn:aws:ecs:[a-z0-9-]+:\d{{12}}:service/{CLUSTER}/{SERVICE}$")
        self.assertEqual([event["lifecycleEventName"] for event in target["lifecycleEvents"]], EVENTS)
        return target

    def weights(self, deployment):
        """The traffic of each task set, by its label."""
        return {each["taskSetLabel"]: each["trafficWeight"] for each in self.target(deployment)["taskSetsInfo"]}

    def test_one_that_succeeded_says_what_it_did(self):
        application, group = self.service_group()
        had = forwards()
        made = self.deploy(application, group, self.appspec())
        seen = until(made, "Succeeded", seconds=PATIENCE)
        self.assertEqual(task_sets(), {"PRIMARY": self.revision})
        self.assertFalse(set(forwards()) & set(had), "the traffic is on the other target group")
        self.assertEqual((seen["computePlatform"], seen["deploymentStyle"]), ("ECS", STYLE))
        self.assertEqual(seen["blueGreenDeploymentConfiguration"], waits())
        [pair] = seen["loadBalancerInfo"]["targetGroupPairInfoList"]
        self.assertEqual([each["name"] for each in pair["targetGroups"]], GROUPS)
        self.assertFalse(seen["instanceTerminationWaitTimeStarted"])
        target = self.target(made)
        self.assertEqual(target["status"], "Succeeded")
        self.assertEqual({event["status"] for event in target["lifecycleEvents"]}, {"Succeeded"})
        [green] = [each for each in target["taskSetsInfo"] if each["taskSetLabel"] == "Green"]
        self.assertTrue(green["identifer"], "the wire has it misspelt")
        self.assertEqual((green["status"], green["trafficWeight"]), ("PRIMARY", 100.0))
        self.assertEqual(green["runningCount"], green["desiredCount"])
        self.assertEqual([green["targetGroup"]["name"]], list(forwards()))

    def test_both_waits_are_ended_by_whoever_continues(self):
        application, group = self.service_group(blueGreenDeploymentConfiguration=waits(ready=60, termination=60))
        made = self.deploy(application, group, self.appspec())
        until(made, "Ready", seconds=PATIENCE)
        self.assertEqual(self.weights(made), {"Blue": 100.0, "Green": 0.0})
        with self.refused("InvalidDeploymentStatusException"):
            codedeploy.continue_deployment(deploymentId=made, deploymentWaitType="TERMINATION_WAIT")
        codedeploy.continue_deployment(deploymentId=made, deploymentWaitType="READY_WAIT")
        until_so("the old task set waits", lambda: info(made)["instanceTerminationWaitTimeStarted"])
        self.assertEqual(info(made)["status"], "InProgress", "the deployment outlasts its target")
        self.assertEqual(self.target(made)["status"], "Succeeded")
        self.assertEqual(self.weights(made), {"Blue": 0.0, "Green": 100.0})
        self.assertEqual(task_sets(), {"PRIMARY": self.revision, "ACTIVE": self.before["PRIMARY"]})
        with self.refused("DeploymentIsNotInReadyStateException"):
            codedeploy.continue_deployment(deploymentId=made, deploymentWaitType="READY_WAIT")
        codedeploy.continue_deployment(deploymentId=made, deploymentWaitType="TERMINATION_WAIT")
        until(made, "Succeeded", seconds=PATIENCE)
        self.assertEqual(task_sets(), {"PRIMARY": self.revision})

    def test_the_deprecated_twin_ends_the_last_wait_too(self):
        application, group = self.service_group(blueGreenDeploymentConfiguration=waits(termination=60))
        made = self.deploy(application, group, self.appspec())
        until_so("the old task set waits", lambda: info(made)["instanceTerminationWaitTimeStarted"])
        codedeploy.skip_wait_time_for_instance_termination(deploymentId=made)
        until(made, "Succeeded", seconds=PATIENCE)

    def test_a_stop_gives_the_traffic_back_and_leaves_nothing(self):
        application, group = self.service_group(deploymentConfigName=CANARY)
        had = forwards()
        made = self.deploy(application, group, self.appspec())
        until_so("some traffic has moved", lambda: len(forwards()) == 2)
        self.assertEqual(sorted(forwards().values()), [10, 90])
        self.assertEqual(self.weights(made), {"Blue": 90.0, "Green": 10.0})
        stopped = codedeploy.stop_deployment(deploymentId=made, autoRollbackEnabled=True)
        self.assertIn(stopped["status"], ["Pending", "Succeeded"])
        seen = until(made, "Stopped", seconds=PATIENCE)
        self.assertEqual(seen["errorInformation"]["code"], "MANUAL_STOP")
        self.assertEqual((set(forwards()), task_sets()), (set(had), self.before))
        rollback = info(seen["rollbackInfo"]["rollbackDeploymentId"])
        self.assertEqual((rollback["status"], rollback["creator"]), ("Succeeded", "codeDeployRollback"))
        self.assertEqual(rollback["computePlatform"], "ECS")

    def test_a_container_that_the_task_definition_has_not_fails_before_anything_is_made(self):
        application, group = self.service_group()
        had = forwards()
        made = self.deploy(application, group, self.appspec(container="nobody"))
        seen = until(made, "Failed", seconds=PATIENCE)
        self.assertIn("nobody", seen["errorInformation"]["message"])
        self.assertEqual((forwards(), task_sets()), (had, self.before))

    def test_a_service_is_one_groups_own(self):
        application, group = self.service_group()
        with self.refused("ECSServiceMappingLimitExceededException", f"{application}/{group}"):
            self.service_group()
