"""The waiter `deployment_successful`, and hooks that answer by themselves."""

import os

from botocore.exceptions import WaiterError

from stage import Moving, alias, appspec, codedeploy, info, until

OPERATIONS = []

HOOK = os.environ.get("SUITE_HOOK", "")
REFUSING = os.environ.get("SUITE_REFUSING_HOOK", "CodeDeployHook_refusing")


def wait(deployment):
    waiter = codedeploy.get_waiter("deployment_successful")
    waiter.wait(deploymentId=deployment, WaiterConfig={"Delay": 1, "MaxAttempts": 120})


class Waiting(Moving):
    def test_the_waiter_returns_when_the_deployment_has_succeeded(self):
        application = self.application()
        made = self.deploy(application, self.group(application))
        wait(made)
        self.assertEqual((info(made)["status"], alias()["FunctionVersion"]), ("Succeeded", "2"))

    def test_the_waiter_fails_when_a_hook_refuses(self):
        application = self.application()
        made = self.deploy(application, self.group(application), appspec(hooks=[("BeforeAllowTraffic", REFUSING)]))
        with self.assertRaises(WaiterError) as caught:
            wait(made)
        self.assertEqual(caught.exception.last_response["deploymentInfo"]["status"], "Failed")
        self.assertEqual(alias()["FunctionVersion"], "1")

    def test_the_waiter_fails_when_the_deployment_is_stopped(self):
        application = self.application()
        made = self.paused(application)
        codedeploy.stop_deployment(deploymentId=made, autoRollbackEnabled=True)
        with self.assertRaises(WaiterError) as caught:
            wait(made)
        self.assertEqual(caught.exception.last_response["deploymentInfo"]["status"], "Stopped")

    def test_the_waiter_fails_when_the_deployment_does_not_exist(self):
        with self.assertRaises(WaiterError) as caught:
            wait("d-NOSUCHONE")
        self.assertEqual(caught.exception.last_response["Error"]["Code"], "DeploymentDoesNotExistException")


class Hooks(Moving):
    def test_a_hook_that_makes_mistakes_is_told_and_its_first_answer_counts(self):
        if not HOOK:
            self.skipTest("SUITE_HOOK names no hook")
        application = self.application()
        made = self.deploy(application, self.group(application), appspec(hooks=[("BeforeAllowTraffic", HOOK)]))
        until(made, "Succeeded")
