"""Targets of deployments, their lifecycle events, and instances, their deprecated twins."""

import os
import uuid

from stage import CANARY, FUNCTION, MISSING_ID, Moving, appspec, codedeploy, loose, until

OPERATIONS = [
    "ListDeploymentTargets",
    "GetDeploymentTarget",
    "BatchGetDeploymentTargets",
    "ListDeploymentInstances",
    "GetDeploymentInstance",
    "BatchGetDeploymentInstances",
    "PutLifecycleEventHookExecutionStatus",
]
# A Lambda deployment has no instances. Hooks answer for themselves: the module `waiting` has one that does.
NEVER_ANSWERED = [
    "ListDeploymentInstances",
    "GetDeploymentInstance",
    "BatchGetDeploymentInstances",
    "PutLifecycleEventHookExecutionStatus",
]

REFUSING = os.environ.get("SUITE_REFUSING_HOOK", "CodeDeployHook_refusing")
EVENTS = ["BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"]


def statuses(target):
    return {event["lifecycleEventName"]: event["status"] for event in target["lifecycleEvents"]}


class Targets(Moving):
    def target(self, deployment):
        listed = codedeploy.list_deployment_targets(deploymentId=deployment)
        self.assertEqual(len(listed["targetIds"]), 1, "an alias is one target")
        self.assertNotIn("nextToken", listed)
        [name] = listed["targetIds"]
        found = codedeploy.get_deployment_target(deploymentId=deployment, targetId=name)["deploymentTarget"]
        self.assertEqual(found["deploymentTargetType"], "LambdaTarget")
        self.assertEqual(set(found), {"deploymentTargetType", "lambdaTarget"})
        target = found["lambdaTarget"]
        self.assertEqual((target["deploymentId"], target["targetId"]), (deployment, name))
        self.assertRegex(target["targetArn"], rf"^arn:aws:lambda:[a-z0-9-]+:\d{{12}}:function:{FUNCTION}")
        self.assertIn("lastUpdatedAt", target)
        return target

    def test_a_target_that_succeeded(self):
        application = self.application()
        made = self.deployed(application, self.group(application))
        target = self.target(made)
        self.assertEqual(target["status"], "Succeeded")
        expected = {
            "functionName": FUNCTION,
            "functionAlias": "live",
            "currentVersion": "1",
            "targetVersion": "2",
            "targetVersionWeight": 1.0,
        }
        self.assertEqual(target["lambdaFunctionInfo"], expected)
        self.assertLessEqual({"AllowTraffic": "Succeeded"}.items(), statuses(target).items())
        self.assertEqual([name for name in statuses(target) if name not in EVENTS], [])
        for event in target["lifecycleEvents"]:
            if event["status"] == "Succeeded":
                self.assertLessEqual(event["startTime"], event["endTime"])
        several = codedeploy.batch_get_deployment_targets(deploymentId=made, targetIds=[target["targetId"]])
        self.assertEqual(several["deploymentTargets"][0]["lambdaTarget"], target)

    def test_the_weight_is_a_fraction_while_traffic_moves(self):
        application = self.application()
        made = self.paused(application)
        target = self.target(made)
        self.assertEqual(target["lambdaFunctionInfo"]["targetVersionWeight"], 0.3)
        self.assertIn(target["status"], ["InProgress", "Ready"])
        self.assertEqual(statuses(target)["AllowTraffic"], "InProgress")

    def test_what_a_hook_refused_is_failed_and_the_rest_is_skipped(self):
        application = self.application()
        made = self.deploy(application, self.group(application), appspec(hooks=[("BeforeAllowTraffic", REFUSING)]))
        seen = until(made, "Failed")
        self.assertEqual(seen["errorInformation"]["code"], "HOOK_EXECUTION_FAILURE")
        target = self.target(made)
        self.assertEqual(target["status"], "Failed")
        found = statuses(target)
        self.assertEqual((found["BeforeAllowTraffic"], found["AllowTraffic"]), ("Failed", "Skipped"))
        [failed] = [event for event in target["lifecycleEvents"] if event["status"] == "Failed"]
        self.assertTrue(failed["diagnostics"]["message"])
        self.assertIn(
            failed["diagnostics"]["errorCode"],
            ["ScriptMissing", "ScriptNotExecutable", "ScriptTimedOut", "ScriptFailed", "UnknownError"],
        )

    def test_filters_are_applied_and_checked(self):
        application = self.application()
        made = self.deployed(application, self.group(application))

        def listed(**filters):
            return codedeploy.list_deployment_targets(deploymentId=made, targetFilters=filters)["targetIds"]

        self.assertEqual(len(listed(TargetStatus=["Succeeded", "Failed"])), 1)
        self.assertEqual(listed(TargetStatus=["Failed"]), [])
        with self.refused("InvalidTargetFilterNameException"):
            listed(Colour=["Blue"])
        with self.refused("InvalidInstanceStatusException"):
            listed(TargetStatus=["Bored"])
        with self.refused("InvalidNextTokenException"):
            codedeploy.list_deployment_targets(deploymentId=made, nextToken="nonsense")

    def test_ids_are_checked(self):
        application = self.application()
        made = self.deployed(application, self.group(application))
        [name] = codedeploy.list_deployment_targets(deploymentId=made)["targetIds"]
        with self.refused("DeploymentTargetDoesNotExistException"):
            codedeploy.get_deployment_target(deploymentId=made, targetId="nobody:live")
        with self.refused("DeploymentTargetIdRequiredException"):
            loose.get_deployment_target(deploymentId=made)
        with self.refused("DeploymentTargetIdRequiredException"):
            codedeploy.batch_get_deployment_targets(deploymentId=made, targetIds=[])
        with self.refused("DeploymentTargetDoesNotExistException"):
            codedeploy.batch_get_deployment_targets(deploymentId=made, targetIds=["nobody:live"])
        with self.refused("DeploymentTargetListSizeExceededException"):
            codedeploy.batch_get_deployment_targets(deploymentId=made, targetIds=[name, "nobody:live"])
        for call, more in [
            (loose.list_deployment_targets, {}),
            (loose.get_deployment_target, {"targetId": name}),
            (loose.batch_get_deployment_targets, {"targetIds": [name]}),
        ]:
            with self.refused("DeploymentIdRequiredException"):
                call(**more)
            with self.refused("InvalidDeploymentIdException"):
                call(deploymentId="two words", **more)
            with self.refused("DeploymentDoesNotExistException"):
                call(deploymentId=MISSING_ID, **more)

    def test_the_deprecated_twins_say_where_to_look(self):
        application = self.application()
        made = self.deploy(application, self.group(application, deploymentConfigName=CANARY))
        with self.refused("InvalidComputePlatformException", "ListDeploymentTargets"):
            codedeploy.list_deployment_instances(deploymentId=made)
        with self.refused("InvalidComputePlatformException"):
            codedeploy.get_deployment_instance(deploymentId=made, instanceId="i-1")
        with self.refused("InvalidComputePlatformException"):
            codedeploy.batch_get_deployment_instances(deploymentId=made, instanceIds=["i-1"])
        with self.refused("InvalidInstanceStatusException"):
            codedeploy.list_deployment_instances(deploymentId=made, instanceStatusFilter=["Bored"])
        with self.refused("InvalidInstanceTypeException"):
            codedeploy.list_deployment_instances(deploymentId=made, instanceTypeFilter=["Red"])
        with self.refused("InstanceIdRequiredException"):
            loose.get_deployment_instance(deploymentId=made)
        with self.refused("BatchLimitExceededException"):
            codedeploy.batch_get_deployment_instances(deploymentId=made, instanceIds=["i-1"] * 101)
        with self.refused("DeploymentDoesNotExistException"):
            codedeploy.list_deployment_instances(deploymentId=MISSING_ID)


class HookAnswers(Moving):
    def test_an_answer_that_nobody_asked_for_is_refused(self):
        application = self.application()
        made, run = self.deployed(application, self.group(application)), str(uuid.uuid4())
        put = codedeploy.put_lifecycle_event_hook_execution_status
        with self.refused("DeploymentIdRequiredException"):
            put(lifecycleEventHookExecutionId=run, status="Succeeded")
        with self.refused("InvalidDeploymentIdException"):
            put(deploymentId="two words", lifecycleEventHookExecutionId=run, status="Succeeded")
        with self.refused("DeploymentDoesNotExistException"):
            put(deploymentId=MISSING_ID, lifecycleEventHookExecutionId=run, status="Succeeded")
        for unknown in [{}, {"lifecycleEventHookExecutionId": "nonsense"}, {"lifecycleEventHookExecutionId": run}]:
            with self.refused("InvalidLifecycleEventHookExecutionIdException"):
                put(deploymentId=made, status="Succeeded", **unknown)
