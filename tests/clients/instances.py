"""On-premises instances."""

from stage import Case, codedeploy, loose, unique

OPERATIONS = [
    "RegisterOnPremisesInstance",
    "DeregisterOnPremisesInstance",
    "GetOnPremisesInstance",
    "BatchGetOnPremisesInstances",
    "ListOnPremisesInstances",
    "AddTagsToOnPremisesInstances",
    "RemoveTagsFromOnPremisesInstances",
]


def user(name):
    return f"arn:aws:iam::123456789012:user/AWS/CodeDeploy/{name}"


def session(name):
    return f"arn:aws:sts::123456789012:assumed-role/host/{name}"


class Instances(Case):
    def instance(self, **more):
        name = unique("host")
        codedeploy.register_on_premises_instance(instanceName=name, **(more or {"iamUserArn": user(name)}))
        self.addCleanup(codedeploy.deregister_on_premises_instance, instanceName=name)
        return name

    def test_what_is_registered_is_read_back(self):
        name = self.instance()
        found = codedeploy.get_on_premises_instance(instanceName=name)["instanceInfo"]
        self.assertEqual((found["instanceName"], found["iamUserArn"]), (name, user(name)))
        self.assertRegex(found["instanceArn"], rf"^arn:aws:codedeploy:[a-z0-9-]+:\d{{12}}:instance/{name}_[A-Za-z0-9]{{10}}$")
        self.assertIn("registerTime", found)
        self.assertNotIn("deregisterTime", found)
        other = unique("session")
        name = self.instance(iamSessionArn=session(other))
        found = codedeploy.get_on_premises_instance(instanceName=name)["instanceInfo"]
        self.assertEqual(found["iamSessionArn"], session(other))

    def test_an_identity_is_one_user_or_one_session_of_one_instance(self):
        name, free = self.instance(), unique("host")
        with self.refused("InstanceNameAlreadyRegisteredException", name):
            codedeploy.register_on_premises_instance(instanceName=name, iamUserArn=user(free))
        with self.refused("IamUserArnAlreadyRegisteredException"):
            codedeploy.register_on_premises_instance(instanceName=free, iamUserArn=user(name))
        shared = session(unique("session"))
        self.instance(iamSessionArn=shared)
        with self.refused("IamSessionArnAlreadyRegisteredException"):
            codedeploy.register_on_premises_instance(instanceName=free, iamSessionArn=shared)
        with self.refused("MultipleIamArnsProvidedException"):
            codedeploy.register_on_premises_instance(instanceName=free, iamUserArn=user(free), iamSessionArn=session(free))
        with self.refused("IamArnRequiredException"):
            codedeploy.register_on_premises_instance(instanceName=free)
        with self.refused("InvalidIamUserArnException"):
            codedeploy.register_on_premises_instance(instanceName=free, iamUserArn=session(free))
        with self.refused("InvalidIamSessionArnException"):
            codedeploy.register_on_premises_instance(instanceName=free, iamSessionArn=user(free))
        with self.refused("InstanceNotRegisteredException"):
            codedeploy.get_on_premises_instance(instanceName=free)

    def test_names_are_checked(self):
        for name in ["two words", "i-0123456789", "x" * 101]:
            with self.refused("InvalidInstanceNameException"):
                codedeploy.register_on_premises_instance(instanceName=name, iamUserArn=user("x"))
            with self.refused("InvalidInstanceNameException"):
                codedeploy.deregister_on_premises_instance(instanceName=name)
        for call in [
            loose.register_on_premises_instance,
            loose.deregister_on_premises_instance,
            loose.get_on_premises_instance,
            loose.batch_get_on_premises_instances,
        ]:
            with self.refused("InstanceNameRequiredException"):
                call()

    def test_deregistering_is_remembered_and_doing_it_again_succeeds(self):
        name = self.instance()
        for _ in range(2):
            codedeploy.deregister_on_premises_instance(instanceName=name)
        codedeploy.deregister_on_premises_instance(instanceName=unique("host"))
        self.assertIn("deregisterTime", codedeploy.get_on_premises_instance(instanceName=name)["instanceInfo"])
        codedeploy.register_on_premises_instance(instanceName=name, iamUserArn=user(name))
        self.assertNotIn("deregisterTime", codedeploy.get_on_premises_instance(instanceName=name)["instanceInfo"])

    def test_several_at_once(self):
        names = [self.instance(), self.instance()]
        asked = [*names, unique("host")]
        found = codedeploy.batch_get_on_premises_instances(instanceNames=asked)["instanceInfos"]
        self.assertEqual([each["instanceName"] for each in found], names)
        with self.refused("BatchLimitExceededException"):
            codedeploy.batch_get_on_premises_instances(instanceNames=names[:1] * 101)

    def test_tags_come_and_go(self):
        names = [self.instance(), self.instance()]
        tags = [{"Key": "stage", "Value": "live"}, {"Key": "rack", "Value": "7"}]
        codedeploy.add_tags_to_on_premises_instances(instanceNames=names, tags=tags)
        codedeploy.remove_tags_from_on_premises_instances(
            instanceNames=names[:1], tags=[{"Key": "rack", "Value": "7"}, {"Key": "stage", "Value": "another"}]
        )

        def found(name):
            told = codedeploy.get_on_premises_instance(instanceName=name)["instanceInfo"]["tags"]
            return sorted((tag["Key"], tag["Value"]) for tag in told)

        self.assertEqual(found(names[0]), [("stage", "live")])
        self.assertEqual(found(names[1]), [("rack", "7"), ("stage", "live")])

    def test_tags_are_checked(self):
        name, tag = self.instance(), {"Key": "a", "Value": "1"}
        for call, lenient in [
            (codedeploy.add_tags_to_on_premises_instances, loose.add_tags_to_on_premises_instances),
            (codedeploy.remove_tags_from_on_premises_instances, loose.remove_tags_from_on_premises_instances),
        ]:
            with self.refused("InstanceNotRegisteredException"):
                call(instanceNames=[name, unique("host")], tags=[tag])
            with self.refused("TagRequiredException"):
                call(instanceNames=[name], tags=[])
            with self.refused("InstanceNameRequiredException"):
                call(instanceNames=[], tags=[tag])
            with self.refused("InvalidTagException"):
                call(instanceNames=[name], tags=[{"Key": "k" * 129, "Value": ""}])
            with self.refused("InstanceLimitExceededException"):
                call(instanceNames=[name] * 101, tags=[tag])
            with self.refused("TagRequiredException"):
                lenient(instanceNames=[name])
        many = [{"Key": f"k{number}", "Value": ""} for number in range(11)]
        with self.refused("TagLimitExceededException"):
            codedeploy.add_tags_to_on_premises_instances(instanceNames=[name], tags=many)
        self.assertEqual(codedeploy.get_on_premises_instance(instanceName=name)["instanceInfo"].get("tags", []), [])

    def test_the_list_is_filtered(self):
        here, gone, mark = self.instance(), self.instance(), unique("mark")
        codedeploy.add_tags_to_on_premises_instances(instanceNames=[here], tags=[{"Key": "mark", "Value": mark}])
        codedeploy.deregister_on_premises_instance(instanceName=gone)

        def listed(**more):
            pages = codedeploy.get_paginator("list_on_premises_instances").paginate(**more)
            return {name for page in pages for name in page["instanceNames"]}

        self.assertLessEqual({here, gone}, listed())
        self.assertIn(here, listed(registrationStatus="Registered"))
        self.assertNotIn(gone, listed(registrationStatus="Registered"))
        self.assertIn(gone, listed(registrationStatus="Deregistered"))
        self.assertEqual(listed(tagFilters=[{"Key": "mark", "Value": mark, "Type": "KEY_AND_VALUE"}]), {here})
        with self.refused("InvalidRegistrationStatusException"):
            codedeploy.list_on_premises_instances(registrationStatus="Lost")
        with self.refused("InvalidTagFilterException"):
            codedeploy.list_on_premises_instances(tagFilters=[{"Key": "mark", "Type": "SOMETIMES"}])
        with self.refused("InvalidNextTokenException"):
            codedeploy.list_on_premises_instances(nextToken="nonsense")
