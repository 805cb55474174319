"""Deployments, as clients see them."""

import datetime
import hashlib
import unittest

from stage import (
    ALL_AT_ONCE,
    CANARY,
    MISSING_ID,
    Moving,
    alias,
    appspec,
    codedeploy,
    info,
    loose,
    revision,
    split,
    unique,
    until,
    until_split,
)

OPERATIONS = [
    "CreateDeployment",
    "GetDeployment",
    "BatchGetDeployments",
    "ListDeployments",
    "StopDeployment",
    "ContinueDeployment",
    "SkipWaitTimeForInstanceTermination",
]
# A Lambda deployment has no instances to be terminated.
NEVER_ANSWERED = ["SkipWaitTimeForInstanceTermination"]


def digest(content):
    return hashlib.sha256(content.encode()).hexdigest()


def counted(**one):
    kinds = ["Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready"]
    return {kind: one.get(kind, 0) for kind in kinds}


class Deployments(Moving):
    def test_one_that_succeeded_says_what_it_did(self):
        application = self.application()
        group, content = self.group(application), appspec()
        rules = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
        before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)
        made = self.deployed(
            application, group, content, description="the second version", autoRollbackConfiguration=rules
        )
        self.assertEqual(alias()["FunctionVersion"], "2")
        seen = info(made)
        self.assertLess(before, seen["createTime"])
        self.assertLessEqual(seen["createTime"], seen["completeTime"])
        self.assertIn("startTime", seen)
        expected = {
            "applicationName": application,
            "deploymentGroupName": group,
            "deploymentConfigName": ALL_AT_ONCE,
            "deploymentId": made,
            "revision": revision(sha256=digest(content)),
            "status": "Succeeded",
            "deploymentOverview": counted(Succeeded=1),
            "description": "the second version",
            "creator": "user",
            "ignoreApplicationStopFailures": False,
            "updateOutdatedInstancesOnly": False,
            "instanceTerminationWaitTimeStarted": False,
            "autoRollbackConfiguration": rules,
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "computePlatform": "Lambda",
        }
        self.assertEqual({member: seen.get(member) for member in expected}, expected)
        for member in ["errorInformation", "deploymentMode", "externalId", "previousRevision"]:
            self.assertNotIn(member, seen)
        self.assertFalse(seen.get("rollbackInfo"))

    def test_the_group_and_the_revision_remember_it(self):
        application = self.application()
        group, contents = self.group(application), [appspec("2"), appspec("1")]
        first = self.deployed(application, group, contents[0])
        told = codedeploy.get_deployment_group(applicationName=application, deploymentGroupName=group)
        told = told["deploymentGroupInfo"]
        self.assertEqual(told["lastSuccessfulDeployment"]["deploymentId"], first)
        self.assertEqual(told["lastSuccessfulDeployment"]["status"], "Succeeded")
        self.assertLessEqual(told["lastSuccessfulDeployment"]["createTime"], told["lastSuccessfulDeployment"]["endTime"])
        self.assertEqual(told["targetRevision"], revision(sha256=digest(contents[0])))
        second = self.deployed(application, group, contents[1])
        self.assertEqual(info(second)["previousRevision"], revision(sha256=digest(contents[0])))
        failed = self.deploy(application, group, appspec("99"))
        until(failed, "Failed")
        told = codedeploy.get_deployment_group(applicationName=application, deploymentGroupName=group)
        told = told["deploymentGroupInfo"]
        self.assertEqual(told["lastSuccessfulDeployment"]["deploymentId"], second)
        self.assertEqual(told["lastAttemptedDeployment"]["deploymentId"], failed)
        self.assertEqual(told["lastAttemptedDeployment"]["status"], "Failed")
        known = codedeploy.get_application_revision(
            applicationName=application, revision=revision(sha256=digest(contents[0]))
        )
        self.assertEqual(known["revision"]["appSpecContent"]["content"], contents[0])
        told = known["revisionInfo"]
        self.assertEqual(told["description"], f"Application revision registered by Deployment ID: {first}")
        self.assertIn("firstUsedTime", told)
        self.assertEqual(told["deploymentGroups"], [group])

    def test_a_registered_revision_is_deployed_by_its_digest(self):
        application = self.application()
        group, content = self.group(application), appspec()
        codedeploy.register_application_revision(applicationName=application, revision=revision(content))
        made = codedeploy.create_deployment(
            applicationName=application, deploymentGroupName=group, revision=revision(sha256=digest(content))
        )["deploymentId"]
        self.open.append(made)
        until(made, "Succeeded")
        with self.refused("RevisionDoesNotExistException"):
            codedeploy.create_deployment(
                applicationName=application, deploymentGroupName=group, revision=revision(sha256="0" * 64)
            )

    def test_what_is_wrong_with_the_appspec_is_found_afterwards(self):
        application = self.application()
        group = self.group(application)
        for content, code in [
            ("version: 0.0", "INVALID_LAMBDA_CONFIGURATION"),
            ("{", "INVALID_LAMBDA_CONFIGURATION"),
            (appspec("99"), "INVALID_LAMBDA_FUNCTION"),
            (appspec(function="nobody-wrote-it"), "INVALID_LAMBDA_FUNCTION"),
        ]:
            with self.subTest(content=content):
                made = self.deploy(application, group, content)
                seen = until(made, "Failed")
                self.assertEqual(seen["errorInformation"]["code"], code)
                self.assertTrue(seen["errorInformation"]["message"])
                self.assertIn("completeTime", seen)
                self.assertEqual((alias()["FunctionVersion"], split()), ("1", {}))

    def test_a_group_has_one_active_deployment(self):
        application = self.application()
        group = self.group(application, deploymentConfigName=CANARY)
        active = self.deploy(application, group)
        said = f"The Deployment Group '{group}' already has an active Deployment '{active}'"
        with self.refused("DeploymentLimitExceededException", said):
            self.deploy(application, group)
        until(active, "InProgress")
        self.assertEqual(info(active)["deploymentOverview"], counted(InProgress=1))
        self.assertNotIn("completeTime", info(active))
        codedeploy.stop_deployment(deploymentId=active)
        rollback = until(active, "Stopped").get("rollbackInfo", {}).get("rollbackDeploymentId")
        if rollback:
            until(rollback, "Succeeded")
        self.deployed(application, group, deploymentConfigName=ALL_AT_ONCE)

    def test_the_groups_settings_are_overridden_for_one_deployment(self):
        application = self.application()
        rules = {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM"]}
        group = self.group(application, deploymentConfigName=CANARY, autoRollbackConfiguration=rules)
        made = self.deploy(application, group)
        seen = until(made, "InProgress")
        self.assertEqual((seen["deploymentConfigName"], seen["autoRollbackConfiguration"]), (CANARY, rules))
        codedeploy.stop_deployment(deploymentId=made, autoRollbackEnabled=True)
        until(made, "Stopped")
        rollback = info(made)["rollbackInfo"]["rollbackDeploymentId"]
        until(rollback, "Succeeded")
        own = {"enabled": False, "events": []}
        made = self.deployed(application, group, deploymentConfigName=ALL_AT_ONCE, autoRollbackConfiguration=own)
        seen = info(made)
        self.assertEqual(seen["deploymentConfigName"], ALL_AT_ONCE)
        self.assertEqual(seen["autoRollbackConfiguration"]["enabled"], False)

    def test_a_stop_is_shown_with_the_deployment_that_rolls_back(self):
        application = self.application()
        group = self.group(application, deploymentConfigName=CANARY)
        made = self.deploy(application, group)
        until(made, "InProgress")
        answer = codedeploy.stop_deployment(deploymentId=made, autoRollbackEnabled=True)
        self.assertIn(answer["status"], ["Pending", "Succeeded"])
        self.assertTrue(answer["statusMessage"])
        seen = until(made, "Stopped")
        self.assertEqual(seen["errorInformation"]["code"], "MANUAL_STOP")
        rollback = seen["rollbackInfo"]["rollbackDeploymentId"]
        self.assertIn(rollback, seen["rollbackInfo"]["rollbackMessage"])
        twin = until(rollback, "Succeeded")
        self.assertEqual(twin["creator"], "codeDeployRollback")
        self.assertEqual(twin["rollbackInfo"]["rollbackTriggeringDeploymentId"], made)
        self.assertEqual((twin["applicationName"], twin["deploymentGroupName"]), (application, group))
        self.assertEqual(alias()["FunctionVersion"], "1")
        self.assertEqual(split(), {})
        listed = codedeploy.list_deployments(applicationName=application, deploymentGroupName=group)["deployments"]
        self.assertEqual(listed, [rollback, made])
        for over in [made, rollback]:
            with self.refused("DeploymentAlreadyCompletedException"):
                codedeploy.stop_deployment(deploymentId=over)

    def test_a_stop_without_rollback_leaves_the_traffic(self):
        application = self.application()
        group = self.group(application, deploymentConfigName=CANARY)
        made = self.deploy(application, group)
        until_split()
        codedeploy.stop_deployment(deploymentId=made, autoRollbackEnabled=False)
        seen = until(made, "Stopped")
        self.assertNotIn("rollbackDeploymentId", seen.get("rollbackInfo", {}))
        self.assertEqual(split(), {"2": 0.1})

    def test_a_rollback_that_is_switched_off_is_honoured_and_one_never_configured_is_on(self):
        for rules, rolled_back in [({"enabled": False}, False), (None, True)]:
            with self.subTest(rules=rules):
                application = self.application()
                more = {} if rules is None else {"autoRollbackConfiguration": rules}
                group = self.group(application, deploymentConfigName=CANARY, **more)
                made = self.deploy(application, group)
                until_split()
                codedeploy.stop_deployment(deploymentId=made)
                seen = until(made, "Stopped")
                self.assertEqual("rollbackDeploymentId" in seen.get("rollbackInfo", {}), rolled_back)
                if not rolled_back:
                    # What is left is nobody's: the next deployment begins there.
                    self.assertEqual(split(), {"2": 0.1})
                    self.deployed(application, group, appspec("1"), deploymentConfigName=ALL_AT_ONCE)

    def test_one_that_waits_goes_on_when_it_is_told_to(self):
        application = self.application()
        made = self.paused(application)
        self.assertEqual(info(made)["deploymentOverview"], counted(Ready=1))
        with self.refused("InvalidDeploymentWaitTypeException"):
            codedeploy.continue_deployment(deploymentId=made, deploymentWaitType="COFFEE_WAIT")
        with self.refused("UnsupportedActionForDeploymentTypeException"):
            codedeploy.continue_deployment(deploymentId=made, deploymentWaitType="TERMINATION_WAIT")
        codedeploy.continue_deployment(deploymentId=made, deploymentWaitType="READY_WAIT")
        until(made, "Succeeded")
        with self.refused("DeploymentAlreadyCompletedException"):
            codedeploy.continue_deployment(deploymentId=made)

    def test_one_that_does_not_wait_cannot_be_told_to_go_on(self):
        application = self.application()
        made = self.deploy(application, self.group(application, deploymentConfigName=CANARY))
        until(made, "InProgress")
        with self.refused("DeploymentIsNotInReadyStateException"):
            codedeploy.continue_deployment(deploymentId=made)
        with self.refused("UnsupportedActionForDeploymentTypeException"):
            codedeploy.skip_wait_time_for_instance_termination(deploymentId=made)

    def test_ids_are_checked(self):
        calls = [
            loose.get_deployment,
            loose.stop_deployment,
            loose.continue_deployment,
            loose.skip_wait_time_for_instance_termination,
        ]
        for call in calls:
            with self.subTest(call=call.__name__):
                with self.refused("DeploymentIdRequiredException"):
                    call()
                for malformed in ["two words", "d-ABCDEFGH/", "d-" + "A" * 100]:
                    with self.refused("InvalidDeploymentIdException"):
                        call(deploymentId=malformed)
                with self.refused("DeploymentDoesNotExistException", MISSING_ID):
                    call(deploymentId=MISSING_ID)
                with self.misunderstood():
                    call(deploymentId=5)

    def test_several_at_once_without_those_that_do_not_exist(self):
        application = self.application()
        group = self.group(application)
        made = [self.deployed(application, group), self.deployed(application, group)]
        found = codedeploy.batch_get_deployments(deploymentIds=[*made, MISSING_ID])["deploymentsInfo"]
        self.assertEqual([each["deploymentId"] for each in found], made)
        self.assertEqual(found[0], info(made[0]))
        with self.refused("BatchLimitExceededException"):
            codedeploy.batch_get_deployments(deploymentIds=made[:1] * 101)
        with self.refused("InvalidDeploymentIdException"):
            codedeploy.batch_get_deployments(deploymentIds=["two words"])
        with self.refused("DeploymentIdRequiredException"):
            codedeploy.batch_get_deployments(deploymentIds=[])

    def test_the_list_is_newest_first_and_filtered(self):
        application = self.application()
        groups = [self.group(application, name=name) for name in ["one", "two"]]
        made = [self.deployed(application, groups[0]), self.deploy(application, groups[0], appspec("99"))]
        until(made[1], "Failed")
        made.append(self.deployed(application, groups[0]))
        other = self.deployed(application, groups[1])

        def listed(group=groups[0], **more):
            answer = codedeploy.list_deployments(applicationName=application, deploymentGroupName=group, **more)
            return answer["deployments"]

        self.assertEqual(listed(), made[::-1])
        self.assertEqual(listed(groups[1]), [other])
        self.assertEqual(listed(includeOnlyStatuses=["Succeeded"]), [made[2], made[0]])
        self.assertEqual(listed(includeOnlyStatuses=["Failed", "Stopped"]), [made[1]])
        self.assertEqual(listed(includeOnlyStatuses=["Queued", "Baking"]), [])
        times = [info(each)["createTime"] for each in made]
        self.assertEqual(listed(createTimeRange={"start": times[1]}), [made[2], made[1]])
        self.assertEqual(listed(createTimeRange={"end": times[1]}), [made[1], made[0]])
        self.assertEqual(listed(createTimeRange={"start": times[1], "end": times[1]}), [made[1]])
        everywhere = codedeploy.get_paginator("list_deployments").paginate(createTimeRange={"start": times[0]})
        ids = [each for page in everywhere for each in page["deployments"]]
        self.assertLessEqual({*made, other}, set(ids))

    def test_the_lists_filters_are_checked(self):
        application = self.application()
        group = self.group(application)
        now = datetime.datetime.now(datetime.timezone.utc)
        names = {"applicationName": application, "deploymentGroupName": group}
        bad = [
            ("DeploymentGroupNameRequiredException", {"applicationName": application}),
            ("ApplicationNameRequiredException", {"deploymentGroupName": group}),
            ("ApplicationDoesNotExistException", {"applicationName": unique(), "deploymentGroupName": group}),
            ("DeploymentGroupDoesNotExistException", {**names, "deploymentGroupName": "absent"}),
            ("InvalidApplicationNameException", {**names, "applicationName": "two words"}),
            ("InvalidDeploymentGroupNameException", {**names, "deploymentGroupName": "two words"}),
            ("InvalidDeploymentStatusException", {**names, "includeOnlyStatuses": ["Bored"]}),
            ("InvalidTimeRangeException", {"createTimeRange": {"start": now, "end": now - datetime.timedelta(1)}}),
            ("InvalidNextTokenException", {**names, "nextToken": "nonsense"}),
        ]
        for name, mistake in bad:
            with self.subTest(mistake=mistake), self.refused(name):
                codedeploy.list_deployments(**mistake)


class Creating(Moving):
    """CreateDeployment refuses by itself what it can see without looking into the AppSpec."""

    def test_what_must_be_there_is_asked_for_first(self):
        application = self.application()
        group = self.group(application)
        with self.refused("DeploymentGroupNameRequiredException"):
            codedeploy.create_deployment(applicationName=application, revision=revision(appspec()))
        with self.refused("ApplicationNameRequiredException"):
            loose.create_deployment(deploymentGroupName=group, revision=revision(appspec()))
        with self.refused("RevisionRequiredException", "RevisionLocation must be specified"):
            codedeploy.create_deployment(applicationName=application, deploymentGroupName=group)

    def test_names_must_exist(self):
        application = self.application()
        group = self.group(application)
        with self.refused("ApplicationDoesNotExistException"):
            self.deploy(unique(), group)
        with self.refused("DeploymentGroupDoesNotExistException"):
            self.deploy(application, "absent")
        with self.refused("DeploymentConfigDoesNotExistException"):
            self.deploy(application, group, deploymentConfigName="NoSuchConfig")
        with self.refused("InvalidApplicationNameException"):
            self.deploy("two words", group)
        with self.refused("InvalidDeploymentGroupNameException"):
            self.deploy(application, "two words")

    def test_every_member_is_checked(self):
        application = self.application()
        group = self.group(application)
        alarms = {"enabled": True, "alarms": [{"name": f"alarm-{number}"} for number in range(51)]}
        bad = {
            "DescriptionTooLongException": {"description": "x" * 1_001},
            "InvalidAlarmConfigException": {"overrideAlarmConfiguration": {"enabled": True, "alarms": []}},
            "AlarmsLimitExceededException": {"overrideAlarmConfiguration": alarms},
            "InvalidAutoRollbackConfigException": {"autoRollbackConfiguration": {"enabled": True, "events": ["NEVER"]}},
            "InvalidFileExistsBehaviorException": {"fileExistsBehavior": "SHRUG"},
            "InvalidIgnoreApplicationStopFailuresValueException": {"ignoreApplicationStopFailures": True},
            "InvalidUpdateOutdatedInstancesOnlyValueException": {"updateOutdatedInstancesOnly": True},
            "InvalidTargetInstancesException": {"targetInstances": {"autoScalingGroups": ["web"]}},
            "InvalidInputException": {"deploymentMode": "RESTART"},
            "InvalidTrafficRoutingConfigurationException": {"deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce"},
        }
        for name, mistake in bad.items():
            with self.subTest(mistake=mistake), self.refused(name):
                self.deploy(application, group, **mistake)
        for mistake in [{"revisionType": "Floppy"}, {"revisionType": "AppSpecContent"}, revision("x", sha256="0" * 64)]:
            with self.subTest(mistake=mistake), self.refused("InvalidRevisionException"):
                codedeploy.create_deployment(applicationName=application, deploymentGroupName=group, revision=mistake)
        listed = codedeploy.list_deployments(applicationName=application, deploymentGroupName=group)["deployments"]
        self.assertEqual(listed, [], "nothing was begun")

    def test_hosts_cannot_be_deployed_to_yet(self):
        application = self.application(platform="Server")
        group = self.group(application, deploymentConfigName="CodeDeployDefault.OneAtATime")
        bundle = {"revisionType": "S3", "s3Location": {"bucket": "specs", "key": "shop.zip", "bundleType": "zip"}}
        with self.refused("InvalidComputePlatformException", application):
            codedeploy.create_deployment(applicationName=application, deploymentGroupName=group, revision=bundle)

    def test_wrong_types_are_told_from_wrong_values(self):
        application = self.application()
        group = self.group(application)
        for mistake in [{"revision": {"revisionType": 5}}, {"description": 5}, {"ignoreApplicationStopFailures": "perhaps"}]:
            with self.subTest(mistake=mistake), self.misunderstood():
                loose.create_deployment(
                    **{"applicationName": application, "deploymentGroupName": group, "revision": revision("x"), **mistake}
                )


if __name__ == "__main__":
    unittest.main()
