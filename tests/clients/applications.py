"""Applications."""

import datetime
import unittest

from stage import Case, codedeploy, loose, unique

OPERATIONS = [
    "CreateApplication",
    "GetApplication",
    "BatchGetApplications",
    "ListApplications",
    "UpdateApplication",
    "DeleteApplication",
    "ListGitHubAccountTokenNames",
    "DeleteGitHubAccountToken",
    "DeleteResourcesByExternalId",
]
# Nothing here is ever connected to GitHub, and DeleteResourcesByExternalId has no errors.
NEVER_ANSWERED = ["DeleteGitHubAccountToken"]


class Applications(Case):
    def test_what_is_created_is_read_back(self):
        name = unique()
        made = codedeploy.create_application(applicationName=name, computePlatform="Lambda")
        self.addCleanup(codedeploy.delete_application, applicationName=name)
        self.assertRegex(made["applicationId"], r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertEqual(len(made["ResponseMetadata"]["RequestId"]), 36)
        found = codedeploy.get_application(applicationName=name)["application"]
        created = found.pop("createTime")
        age = datetime.datetime.now(datetime.timezone.utc) - created
        self.assertLess(abs(age), datetime.timedelta(minutes=10))
        self.assertEqual(
            found,
            {
                "applicationId": made["applicationId"],
                "applicationName": name,
                "linkedToGitHub": False,
                "computePlatform": "Lambda",
            },
        )

    def test_without_a_platform_it_is_for_hosts(self):
        name = unique()
        codedeploy.create_application(applicationName=name)
        self.addCleanup(codedeploy.delete_application, applicationName=name)
        self.assertEqual(codedeploy.get_application(applicationName=name)["application"]["computePlatform"], "Server")

    def test_a_name_is_taken_once(self):
        name = self.application()
        with self.refused("ApplicationAlreadyExistsException", name):
            codedeploy.create_application(applicationName=name, computePlatform="ECS")

    def test_names_are_checked(self):
        for name in ["two words", "a/b", "x" * 101, "ä"]:
            with self.refused("InvalidApplicationNameException"):
                codedeploy.create_application(applicationName=name)
            with self.refused("InvalidApplicationNameException"):
                codedeploy.get_application(applicationName=name)
            with self.refused("InvalidApplicationNameException"):
                codedeploy.delete_application(applicationName=name)
        for call in [loose.create_application, loose.get_application, loose.delete_application]:
            with self.refused("ApplicationNameRequiredException"):
                call()
        with self.refused("ApplicationNameRequiredException"):
            codedeploy.update_application(newApplicationName=unique())

    def test_the_platform_and_tags_are_checked(self):
        with self.refused("InvalidComputePlatformException", "lambda"):
            codedeploy.create_application(applicationName=unique(), computePlatform="lambda")
        for tags in [[{"Key": "", "Value": "x"}], [{"Key": "aws:x"}], [{"Key": "a"}, {"Key": "a"}], [{"Key": "k" * 129}]]:
            with self.refused("InvalidTagsToAddException"):
                codedeploy.create_application(applicationName=unique(), tags=tags)

    def test_one_that_does_not_exist_is_named(self):
        name = unique()
        with self.refused("ApplicationDoesNotExistException", f"No application found for name: {name}"):
            codedeploy.get_application(applicationName=name)
        with self.refused("ApplicationDoesNotExistException"):
            codedeploy.batch_get_applications(applicationNames=[self.application(), name])
        with self.refused("ApplicationDoesNotExistException"):
            codedeploy.update_application(applicationName=name, newApplicationName=unique())

    def test_several_at_once_come_in_the_order_asked(self):
        names = [self.application(), self.application(platform="ECS"), self.application()]
        found = codedeploy.batch_get_applications(applicationNames=names)["applicationsInfo"]
        self.assertEqual([each["applicationName"] for each in found], names)
        with self.refused("BatchLimitExceededException"):
            codedeploy.batch_get_applications(applicationNames=names[:1] * 101)
        with self.refused("ApplicationNameRequiredException"):
            codedeploy.batch_get_applications(applicationNames=[])

    def test_a_rename_takes_everything_along(self):
        old, new = self.application(), unique()
        self.group(old)
        before = codedeploy.get_application(applicationName=old)["application"]
        codedeploy.update_application(applicationName=old, newApplicationName=new)
        self.addCleanup(codedeploy.delete_application, applicationName=new)
        with self.refused("ApplicationDoesNotExistException"):
            codedeploy.get_application(applicationName=old)
        self.assertEqual(codedeploy.get_application(applicationName=new)["application"], {**before, "applicationName": new})
        self.assertEqual(codedeploy.list_deployment_groups(applicationName=new)["deploymentGroups"], ["live"])

    def test_a_rename_to_a_name_that_is_taken_is_refused(self):
        one, other = self.application(), self.application()
        with self.refused("ApplicationAlreadyExistsException", other):
            codedeploy.update_application(applicationName=one, newApplicationName=other)

    def test_deleting_is_for_good_and_deleting_again_succeeds(self):
        name = self.application()
        self.group(name)
        codedeploy.delete_application(applicationName=name)
        codedeploy.delete_application(applicationName=name)
        with self.refused("ApplicationDoesNotExistException"):
            codedeploy.list_deployment_groups(applicationName=name)
        codedeploy.create_application(applicationName=name, computePlatform="Lambda")
        self.assertEqual(codedeploy.list_deployment_groups(applicationName=name)["deploymentGroups"], [])

    def test_the_list_has_them_and_takes_only_its_own_tokens(self):
        names = {self.application() for _ in range(3)}
        listed = [name for page in codedeploy.get_paginator("list_applications").paginate() for name in page["applications"]]
        self.assertLessEqual(names, set(listed))
        self.assertEqual(len(listed), len(set(listed)))
        for token in ["nonsense", "", "e30="]:
            if token:
                with self.refused("InvalidNextTokenException"):
                    codedeploy.list_applications(nextToken=token)

    def test_wrong_types_are_told_from_wrong_values(self):
        for name in [5, ["x"], {"a": "b"}, True]:
            with self.misunderstood():
                loose.get_application(applicationName=name)
        with self.misunderstood():
            loose.create_application(applicationName=unique(), tags=[{"Key": 5}])


class WhatThereIsNothingOf(Case):
    def test_an_account_without_connections_to_github(self):
        self.assertEqual(codedeploy.list_git_hub_account_token_names()["tokenNameList"], [])
        with self.refused("InvalidNextTokenException"):
            codedeploy.list_git_hub_account_token_names(nextToken="nonsense")
        with self.refused("GitHubAccountTokenNameRequiredException"):
            codedeploy.delete_git_hub_account_token()
        with self.refused("InvalidGitHubAccountTokenNameException"):
            codedeploy.delete_git_hub_account_token(tokenName="two words")
        with self.refused("GitHubAccountTokenDoesNotExistException"):
            codedeploy.delete_git_hub_account_token(tokenName="octocat")

    def test_nothing_belongs_to_a_cloudformation_stack(self):
        answer = codedeploy.delete_resources_by_external_id(externalId="stack")
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 200)
        with self.misunderstood():
            loose.delete_resources_by_external_id(externalId=5)


if __name__ == "__main__":
    unittest.main()
