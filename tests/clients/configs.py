"""Deployment configurations."""

from stage import Case, codedeploy, loose, unique

OPERATIONS = ["CreateDeploymentConfig", "GetDeploymentConfig", "ListDeploymentConfigs", "DeleteDeploymentConfig"]

PREDEFINED = {
    "CodeDeployDefault.AllAtOnce",
    "CodeDeployDefault.HalfAtATime",
    "CodeDeployDefault.OneAtATime",
    "CodeDeployDefault.LambdaAllAtOnce",
    "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "CodeDeployDefault.LambdaCanary10Percent10Minutes",
    "CodeDeployDefault.LambdaCanary10Percent15Minutes",
    "CodeDeployDefault.LambdaCanary10Percent30Minutes",
    "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
    "CodeDeployDefault.LambdaLinear10PercentEvery2Minutes",
    "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
    "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes",
    "CodeDeployDefault.ECSAllAtOnce",
    "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "CodeDeployDefault.ECSCanary10Percent15Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
}


def canary(percent=20, minutes=2):
    return {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": percent, "canaryInterval": minutes}}


def linear(percent=25, minutes=1):
    return {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": percent, "linearInterval": minutes}}


class Configs(Case):
    def config(self, **more):
        name = unique("config")
        made = codedeploy.create_deployment_config(deploymentConfigName=name, **more)
        self.addCleanup(codedeploy.delete_deployment_config, deploymentConfigName=name)
        self.assertTrue(made["deploymentConfigId"])
        return name

    def test_what_is_created_is_read_back(self):
        for platform in ["Lambda", "ECS"]:
            for routing in [canary(), linear(), {"type": "AllAtOnce"}]:
                name = self.config(computePlatform=platform, trafficRoutingConfig=routing)
                found = codedeploy.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
                self.assertEqual(found["deploymentConfigName"], name)
                self.assertEqual(found["computePlatform"], platform)
                self.assertEqual(found["trafficRoutingConfig"], routing)
                self.assertIn("createTime", found)

    def test_those_for_hosts_say_how_many_stay_healthy(self):
        hosts = {"type": "FLEET_PERCENT", "value": 75}
        zones = {
            "firstZoneMonitorDurationInSeconds": 600,
            "monitorDurationInSeconds": 300,
            "minimumHealthyHostsPerZone": {"type": "HOST_COUNT", "value": 1},
        }
        name = self.config(minimumHealthyHosts=hosts, zonalConfig=zones)
        found = codedeploy.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
        self.assertEqual((found["minimumHealthyHosts"], found["zonalConfig"]), (hosts, zones))
        self.assertEqual(found["computePlatform"], "Server")

    def test_the_predefined_ones_are_there(self):
        pages = codedeploy.get_paginator("list_deployment_configs").paginate()
        listed = [name for page in pages for name in page["deploymentConfigsList"]]
        self.assertLessEqual(PREDEFINED, set(listed))
        self.assertEqual(len(listed), len(set(listed)))
        for name in sorted(PREDEFINED):
            found = codedeploy.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
            platform = next((kind for kind in ["Lambda", "ECS"] if f".{kind}" in name), "Server")
            self.assertEqual((found["deploymentConfigName"], found["computePlatform"]), (name, platform))
        found = codedeploy.get_deployment_config(deploymentConfigName="CodeDeployDefault.LambdaCanary10Percent5Minutes")
        self.assertEqual(found["deploymentConfigInfo"]["trafficRoutingConfig"], canary(10, 5))

    def test_the_predefined_ones_are_neither_deleted_nor_shadowed(self):
        for name in ["CodeDeployDefault.LambdaAllAtOnce", "CodeDeployDefault.OneAtATime"]:
            with self.refused("InvalidOperationException", name):
                codedeploy.delete_deployment_config(deploymentConfigName=name)
            with self.refused("DeploymentConfigAlreadyExistsException", name):
                codedeploy.create_deployment_config(
                    deploymentConfigName=name, computePlatform="Lambda", trafficRoutingConfig=canary()
                )
        with self.refused("InvalidDeploymentConfigNameException"):
            codedeploy.create_deployment_config(
                deploymentConfigName="CodeDeployDefault.Mine", computePlatform="Lambda", trafficRoutingConfig=canary()
            )

    def test_one_never_changes(self):
        name = self.config(computePlatform="Lambda", trafficRoutingConfig=canary())
        with self.refused("DeploymentConfigAlreadyExistsException", name):
            codedeploy.create_deployment_config(
                deploymentConfigName=name, computePlatform="Lambda", trafficRoutingConfig=linear()
            )

    def test_traffic_is_checked(self):
        bad = [
            None,
            {},
            {"type": "Sometimes"},
            {"type": "TimeBasedCanary"},
            {"type": "TimeBasedLinear", **{key: canary()[key] for key in ["timeBasedCanary"]}},
            canary(0),
            canary(100),
            canary(-1),
            canary(minutes=0),
            canary(minutes=5_000),
            linear(0),
            linear(100),
            linear(minutes=-1),
        ]
        for routing in bad:
            more = {} if routing is None else {"trafficRoutingConfig": routing}
            with self.subTest(routing=routing), self.refused("InvalidTrafficRoutingConfigurationException"):
                codedeploy.create_deployment_config(
                    deploymentConfigName=unique("config"), computePlatform="Lambda", **more
                )

    def test_hosts_are_checked(self):
        for hosts in [None, {}, {"type": "ALL"}, {"type": "FLEET_PERCENT", "value": 101}, {"type": "HOST_COUNT", "value": -1}]:
            more = {} if hosts is None else {"minimumHealthyHosts": hosts}
            with self.subTest(hosts=hosts), self.refused("InvalidMinimumHealthyHostValueException"):
                codedeploy.create_deployment_config(deploymentConfigName=unique("config"), **more)
        with self.refused("InvalidZonalDeploymentConfigurationException"):
            codedeploy.create_deployment_config(
                deploymentConfigName=unique("config"),
                minimumHealthyHosts={"type": "HOST_COUNT", "value": 1},
                zonalConfig={"monitorDurationInSeconds": -1},
            )

    def test_names_and_platforms_are_checked(self):
        with self.refused("InvalidDeploymentConfigNameException"):
            codedeploy.create_deployment_config(deploymentConfigName="two words")
        with self.refused("InvalidComputePlatformException"):
            codedeploy.create_deployment_config(
                deploymentConfigName=unique("config"), computePlatform="Mainframe", trafficRoutingConfig=canary()
            )
        for call in [loose.create_deployment_config, loose.get_deployment_config, loose.delete_deployment_config]:
            with self.refused("DeploymentConfigNameRequiredException"):
                call()

    def test_one_that_does_not_exist_is_named_and_deleting_it_succeeds(self):
        name = unique("config")
        with self.refused("DeploymentConfigDoesNotExistException", name):
            codedeploy.get_deployment_config(deploymentConfigName=name)
        codedeploy.delete_deployment_config(deploymentConfigName=name)

    def test_one_in_use_is_not_deleted(self):
        name = self.config(computePlatform="Lambda", trafficRoutingConfig=canary())
        application = self.application()
        self.group(application, deploymentConfigName=name)
        with self.refused("DeploymentConfigInUseException", name):
            codedeploy.delete_deployment_config(deploymentConfigName=name)
        codedeploy.delete_deployment_group(applicationName=application, deploymentGroupName="live")
        codedeploy.delete_deployment_config(deploymentConfigName=name)
        with self.refused("DeploymentConfigDoesNotExistException"):
            codedeploy.get_deployment_config(deploymentConfigName=name)

    def test_a_token_of_another_listing_is_refused(self):
        with self.refused("InvalidNextTokenException"):
            codedeploy.list_deployment_configs(nextToken="nonsense")
