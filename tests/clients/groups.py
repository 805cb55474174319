"""Deployment groups."""

from stage import ALL_AT_ONCE, CANARY, ROLE, Case, codedeploy, loose, unique

OPERATIONS = [
    "CreateDeploymentGroup",
    "GetDeploymentGroup",
    "BatchGetDeploymentGroups",
    "ListDeploymentGroups",
    "UpdateDeploymentGroup",
    "DeleteDeploymentGroup",
]

ALARMS = {"enabled": True, "ignorePollAlarmFailure": True, "alarms": [{"name": "errors"}, {"name": "latency"}]}
ROLLBACK = {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]}
STYLE = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
TRIGGER = {
    "triggerName": "tell",
    "triggerTargetArn": "arn:aws:sns:eu-central-1:123456789012:deployments",
    "triggerEvents": ["DeploymentStart", "DeploymentFailure"],
}


def found(application, name="live"):
    return codedeploy.get_deployment_group(applicationName=application, deploymentGroupName=name)["deploymentGroupInfo"]


class Groups(Case):
    def test_what_is_created_is_read_back(self):
        application = self.application()
        made = codedeploy.create_deployment_group(
            applicationName=application,
            deploymentGroupName="live",
            serviceRoleArn=ROLE,
            deploymentConfigName=CANARY,
            alarmConfiguration=ALARMS,
            autoRollbackConfiguration=ROLLBACK,
            deploymentStyle=STYLE,
            triggerConfigurations=[TRIGGER],
            tags=[{"Key": "team", "Value": "shop"}],
        )
        group = found(application)
        self.assertEqual(group["deploymentGroupId"], made["deploymentGroupId"])
        expected = {
            "applicationName": application,
            "deploymentGroupName": "live",
            "serviceRoleArn": ROLE,
            "deploymentConfigName": CANARY,
            "alarmConfiguration": ALARMS,
            "autoRollbackConfiguration": ROLLBACK,
            "deploymentStyle": STYLE,
            "triggerConfigurations": [TRIGGER],
            "computePlatform": "Lambda",
        }
        self.assertEqual({member: group[member] for member in expected}, expected)
        for member in ["lastSuccessfulDeployment", "lastAttemptedDeployment", "targetRevision"]:
            self.assertNotIn(member, group)

    def test_a_group_has_defaults_for_its_platform(self):
        application = self.application()
        codedeploy.create_deployment_group(applicationName=application, deploymentGroupName="live", serviceRoleArn=ROLE)
        group = found(application)
        self.assertEqual(group["deploymentConfigName"], ALL_AT_ONCE)
        self.assertEqual(group["deploymentStyle"], STYLE)
        hosts = self.application(platform="Server")
        codedeploy.create_deployment_group(applicationName=hosts, deploymentGroupName="live", serviceRoleArn=ROLE)
        group = found(hosts)
        self.assertEqual(group["deploymentConfigName"], "CodeDeployDefault.OneAtATime")
        in_place = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
        self.assertEqual(group["deploymentStyle"], in_place)

    def test_a_group_for_hosts_keeps_its_tags_and_scaling_groups(self):
        application = self.application(platform="Server")
        filters = [{"Key": "stage", "Value": "live", "Type": "KEY_AND_VALUE"}]
        self.group(
            application,
            deploymentConfigName="CodeDeployDefault.HalfAtATime",
            ec2TagFilters=filters,
            autoScalingGroups=["web"],
            outdatedInstancesStrategy="IGNORE",
            terminationHookEnabled=True,
        )
        group = found(application)
        self.assertEqual(group["ec2TagFilters"], filters)
        self.assertEqual([each["name"] for each in group["autoScalingGroups"]], ["web"])
        self.assertEqual((group["outdatedInstancesStrategy"], group["terminationHookEnabled"]), ("IGNORE", True))
        codedeploy.update_deployment_group(
            applicationName=application, currentDeploymentGroupName="live", autoScalingGroups=[]
        )
        self.assertEqual(found(application)["autoScalingGroups"], [])

    def test_a_group_for_ecs_always_has_both_waits(self):
        application, cluster = self.application(platform="ECS"), unique("cluster")
        pair = {
            "targetGroups": [{"name": "blue"}, {"name": "green"}],
            "prodTrafficRoute": {"listenerArns": ["arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/a/b/c"]},
        }
        more = {
            "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
            "ecsServices": [{"clusterName": cluster, "serviceName": "web"}],
            "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
            "deploymentStyle": STYLE,
        }
        self.group(application, **more)
        group = found(application)
        self.assertEqual(group["ecsServices"], more["ecsServices"])
        self.assertEqual(group["loadBalancerInfo"]["targetGroupPairInfoList"], [pair])
        waits = group["blueGreenDeploymentConfiguration"]
        self.assertEqual(waits["deploymentReadyOption"]["waitTimeInMinutes"], 0)
        self.assertEqual(waits["terminateBlueInstancesOnDeploymentSuccess"]["terminationWaitTimeInMinutes"], 0)
        with self.refused("ECSServiceMappingLimitExceededException"):
            self.group(application, name="second", **more)

    def test_a_name_is_taken_once_in_an_application(self):
        one, other = self.application(), self.application()
        self.group(one)
        self.group(other)
        with self.refused("DeploymentGroupAlreadyExistsException", "live"):
            self.group(one)

    def test_what_must_be_there_is_asked_for_first(self):
        application = self.application()
        with self.refused("ApplicationNameRequiredException"):
            loose.create_deployment_group(deploymentGroupName="live", serviceRoleArn=ROLE)
        with self.refused("DeploymentGroupNameRequiredException"):
            loose.create_deployment_group(applicationName=application, serviceRoleArn=ROLE)
        with self.refused("RoleRequiredException"):
            loose.create_deployment_group(applicationName=application, deploymentGroupName="live")
        with self.refused("InvalidDeploymentGroupNameException"):
            self.group(application, name="two words")
        with self.refused("InvalidRoleException"):
            codedeploy.create_deployment_group(
                applicationName=application, deploymentGroupName="live", serviceRoleArn="deployer"
            )
        with self.refused("ApplicationDoesNotExistException"):
            self.group(unique())

    def test_every_setting_is_checked(self):
        application = self.application()
        names = [{"name": f"alarm-{number}"} for number in range(51)]
        bad = {
            "InvalidDeploymentConfigNameException": [{"deploymentConfigName": "two words"}],
            "DeploymentConfigDoesNotExistException": [{"deploymentConfigName": "NoSuchConfig"}],
            "InvalidTrafficRoutingConfigurationException": [
                {"deploymentConfigName": "CodeDeployDefault.OneAtATime"},
                {"deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce"},
            ],
            "InvalidAlarmConfigException": [
                {"alarmConfiguration": {"enabled": True, "alarms": []}},
                {"alarmConfiguration": {"enabled": True, "alarms": [{"name": ""}]}},
                {"alarmConfiguration": {"enabled": True, "alarms": [{"name": "a"}, {"name": "a"}]}},
                {"alarmConfiguration": {"enabled": True, "alarms": [{"name": "a" * 256}]}},
            ],
            "AlarmsLimitExceededException": [{"alarmConfiguration": {"enabled": True, "alarms": names}}],
            "InvalidAutoRollbackConfigException": [
                {"autoRollbackConfiguration": {"enabled": True, "events": []}},
                {"autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_BORING"]}},
            ],
            "InvalidTriggerConfigException": [
                {"triggerConfigurations": [{**TRIGGER, "triggerTargetArn": "somewhere"}]},
                {"triggerConfigurations": [{**TRIGGER, "triggerEvents": ["Never"]}]},
            ],
            "TriggerTargetsLimitExceededException": [
                {"triggerConfigurations": [{**TRIGGER, "triggerName": f"tell-{number}"} for number in range(11)]}
            ],
            "InvalidDeploymentStyleException": [
                {"deploymentStyle": {"deploymentType": "BLUE_GREEN"}},
                {"deploymentStyle": {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}},
            ],
            "InvalidBlueGreenDeploymentConfigurationException": [
                {
                    "blueGreenDeploymentConfiguration": {
                        "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 5}
                    }
                }
            ],
            "InvalidAutoScalingGroupException": [{"autoScalingGroups": ["web"]}],
            "InvalidEC2TagCombinationException": [
                {
                    "ec2TagFilters": [{"Key": "a", "Type": "KEY_ONLY"}],
                    "ec2TagSet": {"ec2TagSetList": [[{"Key": "a", "Type": "KEY_ONLY"}]]},
                }
            ],
            "TagSetListLimitExceededException": [
                {"ec2TagSet": {"ec2TagSetList": [[{"Key": f"k{number}", "Type": "KEY_ONLY"}] for number in range(4)]}}
            ],
            "InvalidTagsToAddException": [{"tags": [{"Key": "aws:mine", "Value": "x"}]}],
        }
        for name, mistakes in bad.items():
            for mistake in mistakes:
                with self.subTest(name=name, mistake=mistake), self.refused(name):
                    self.group(application, name=unique("group"), **mistake)
        self.assertEqual(codedeploy.list_deployment_groups(applicationName=application)["deploymentGroups"], [])

    def test_an_update_changes_what_it_names(self):
        application = self.application()
        self.group(application, alarmConfiguration=ALARMS, autoRollbackConfiguration=ROLLBACK)
        before = found(application)
        answer = codedeploy.update_deployment_group(
            applicationName=application,
            currentDeploymentGroupName="live",
            newDeploymentGroupName="shop",
            deploymentConfigName=CANARY,
            alarmConfiguration={"enabled": False, "alarms": []},
        )
        self.assertEqual(answer["hooksNotCleanedUp"], [])
        after = found(application, "shop")
        self.assertEqual((after["deploymentConfigName"], after["alarmConfiguration"]["enabled"]), (CANARY, False))
        self.assertEqual(after["autoRollbackConfiguration"], before["autoRollbackConfiguration"])
        self.assertEqual(after["deploymentGroupId"], before["deploymentGroupId"])
        with self.refused("DeploymentGroupDoesNotExistException", "No Deployment Group found for name: live"):
            found(application)

    def test_an_update_is_checked_like_a_new_group(self):
        application = self.application()
        self.group(application)
        self.group(application, name="other")
        with self.refused("DeploymentGroupAlreadyExistsException"):
            codedeploy.update_deployment_group(
                applicationName=application, currentDeploymentGroupName="live", newDeploymentGroupName="other"
            )
        with self.refused("DeploymentGroupDoesNotExistException"):
            codedeploy.update_deployment_group(applicationName=application, currentDeploymentGroupName="absent")
        with self.refused("DeploymentConfigDoesNotExistException"):
            codedeploy.update_deployment_group(
                applicationName=application, currentDeploymentGroupName="live", deploymentConfigName="NoSuchConfig"
            )
        with self.refused("DeploymentGroupNameRequiredException"):
            loose.update_deployment_group(applicationName=application)

    def test_several_at_once_and_those_that_are_missing_are_named(self):
        application = self.application()
        names = [self.group(application, name=name) for name in ["a", "b"]]
        answer = codedeploy.batch_get_deployment_groups(applicationName=application, deploymentGroupNames=names)
        self.assertEqual([each["deploymentGroupName"] for each in answer["deploymentGroupsInfo"]], names)
        self.assertEqual(answer["errorMessage"], "")
        answer = codedeploy.batch_get_deployment_groups(applicationName=application, deploymentGroupNames=["a", "absent"])
        self.assertEqual([each["deploymentGroupName"] for each in answer["deploymentGroupsInfo"]], ["a"])
        self.assertIn("absent", answer["errorMessage"])
        with self.refused("BatchLimitExceededException"):
            codedeploy.batch_get_deployment_groups(applicationName=application, deploymentGroupNames=["a"] * 101)
        with self.refused("ApplicationDoesNotExistException"):
            codedeploy.batch_get_deployment_groups(applicationName=unique(), deploymentGroupNames=["a"])

    def test_the_list_has_those_of_one_application(self):
        application = self.application()
        names = [self.group(application, name=name) for name in ["b", "a", "c"]]
        answer = codedeploy.list_deployment_groups(applicationName=application)
        self.assertEqual(answer["applicationName"], application)
        self.assertEqual(sorted(answer["deploymentGroups"]), sorted(names))
        self.assertNotIn("nextToken", answer)
        with self.refused("ApplicationDoesNotExistException"):
            codedeploy.list_deployment_groups(applicationName=unique())
        with self.refused("InvalidNextTokenException"):
            codedeploy.list_deployment_groups(applicationName=application, nextToken="nonsense")

    def test_deleting_is_for_good_and_deleting_again_succeeds(self):
        application = self.application()
        self.group(application)
        for _ in range(2):
            answer = codedeploy.delete_deployment_group(applicationName=application, deploymentGroupName="live")
            self.assertEqual(answer["hooksNotCleanedUp"], [])
        with self.refused("DeploymentGroupDoesNotExistException"):
            found(application)
        with self.refused("InvalidDeploymentGroupNameException"):
            codedeploy.delete_deployment_group(applicationName=application, deploymentGroupName="two words")
        with self.refused("DeploymentGroupNameRequiredException"):
            loose.get_deployment_group(applicationName=application)
