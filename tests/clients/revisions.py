"""Revisions of applications."""

import hashlib

from stage import Case, appspec, codedeploy, loose, revision, unique

OPERATIONS = [
    "RegisterApplicationRevision",
    "GetApplicationRevision",
    "BatchGetApplicationRevisions",
    "ListApplicationRevisions",
]


def digest(content):
    return hashlib.sha256(content.encode()).hexdigest()


def in_s3(key, bundle="JSON", bucket="specs", **more):
    return {"revisionType": "S3", "s3Location": {"bucket": bucket, "key": key, "bundleType": bundle, **more}}


class Revisions(Case):
    def register(self, application, location, **more):
        codedeploy.register_application_revision(applicationName=application, revision=location, **more)

    def test_a_text_is_read_back_by_its_digest(self):
        application, content = self.application(), appspec(function="shop")
        self.register(application, revision(content, sha256=digest(content)), description="the first")
        answer = codedeploy.get_application_revision(
            applicationName=application, revision=revision(sha256=digest(content))
        )
        self.assertEqual(answer["applicationName"], application)
        self.assertEqual(answer["revision"], revision(content, sha256=digest(content)))
        told = answer["revisionInfo"]
        self.assertEqual(told["description"], "the first")
        self.assertIn("registerTime", told)
        self.assertNotIn("firstUsedTime", told)

    def test_registering_again_is_accepted(self):
        application, content = self.application(), appspec(function="shop")
        for description in ["the first", "the second"]:
            self.register(application, revision(content), description=description)
        answer = codedeploy.get_application_revision(applicationName=application, revision=revision(content))
        self.assertEqual(answer["revisionInfo"]["description"], "the second")
        self.assertEqual(len(codedeploy.list_application_revisions(applicationName=application)["revisions"]), 1)

    def test_an_s3_location_is_kept_as_it_is(self):
        application, location = self.application(), in_s3("appspec.yaml", "YAML", version="3", eTag="d41d8cd9")
        self.register(application, location)
        answer = codedeploy.get_application_revision(applicationName=application, revision=location)
        self.assertEqual(answer["revision"], location)
        with self.refused("RevisionDoesNotExistException"):
            codedeploy.get_application_revision(applicationName=application, revision=in_s3("other.yaml", "YAML"))

    def test_hosts_take_bundles_and_commits(self):
        application = self.application(platform="Server")
        commit = {"revisionType": "GitHub", "gitHubLocation": {"repository": "octocat/shop", "commitId": "a" * 40}}
        for location in [in_s3("shop.zip", "zip"), commit]:
            self.register(application, location)
            answer = codedeploy.get_application_revision(applicationName=application, revision=location)
            self.assertEqual(answer["revision"], location)

    def test_what_is_malformed_is_refused(self):
        application, content = self.application(), appspec(function="shop")
        bad = [
            {"revisionType": "Floppy"},
            {"revisionType": "AppSpecContent"},
            revision(content, sha256="0" * 64),
            revision(content, sha256="short"),
            {"revisionType": "S3"},
            in_s3("shop.zip", "zip"),
            in_s3("shop.rar", "rar"),
            in_s3(""),
            {"revisionType": "GitHub", "gitHubLocation": {"repository": "octocat/shop", "commitId": "a" * 40}},
        ]
        for location in bad:
            with self.subTest(location=location), self.refused("InvalidRevisionException"):
                self.register(application, location)
        with self.refused("InvalidRevisionException", "BundleType must be either YAML or JSON"):
            self.register(application, in_s3("shop.zip", "zip"))
        with self.refused("RevisionRequiredException"):
            self.register(application, {})
        with self.refused("RevisionRequiredException"):
            loose.register_application_revision(applicationName=application)
        with self.refused("DescriptionTooLongException"):
            self.register(application, revision(content), description="x" * 1_001)
        with self.refused("ApplicationDoesNotExistException"):
            self.register(unique(), revision(content))

    def test_several_at_once_and_those_that_are_missing_are_told(self):
        application = self.application()
        contents = [appspec(target=str(number), function="shop") for number in range(1, 4)]
        for content in contents[:2]:
            self.register(application, revision(content))
        asked = [revision(sha256=digest(content)) for content in contents]
        answer = codedeploy.batch_get_application_revisions(applicationName=application, revisions=asked[:2])
        self.assertEqual((answer["applicationName"], answer["errorMessage"]), (application, ""))
        texts = [each["revisionLocation"]["appSpecContent"]["content"] for each in answer["revisions"]]
        self.assertEqual(texts, contents[:2])
        self.assertIn("registerTime", answer["revisions"][0]["genericRevisionInfo"])
        answer = codedeploy.batch_get_application_revisions(applicationName=application, revisions=asked)
        self.assertEqual(len(answer["revisions"]), 2)
        self.assertTrue(answer["errorMessage"])
        with self.refused("BatchLimitExceededException"):
            codedeploy.batch_get_application_revisions(applicationName=application, revisions=asked[:1] * 101)

    def test_the_list_is_sorted_and_filtered(self):
        application = self.application()
        keys = ["shop/1.json", "shop/2.json", "bar/3.json"]
        for key in keys:
            self.register(application, in_s3(key))
        self.register(application, in_s3("4.json", bucket="other"))

        def listed(**more):
            pages = codedeploy.get_paginator("list_application_revisions").paginate(applicationName=application, **more)
            return [each["s3Location"]["key"] for page in pages for each in page["revisions"]]

        self.assertEqual(listed(sortBy="registerTime"), [*keys, "4.json"])
        self.assertEqual(listed(sortBy="registerTime", sortOrder="descending"), ["4.json", *reversed(keys)])
        self.assertEqual(listed(s3Bucket="specs", s3KeyPrefix="shop/"), keys[:2])
        self.assertEqual(listed(s3Bucket="nobody"), [])
        self.assertEqual((len(listed(deployed="exclude")), listed(deployed="include")), (4, []))

    def test_the_lists_filters_are_checked(self):
        application = self.application()
        bad = {
            "InvalidSortByException": {"sortBy": "size"},
            "InvalidSortOrderException": {"sortOrder": "sideways"},
            "InvalidDeployedStateFilterException": {"deployed": "perhaps"},
            "BucketNameFilterRequiredException": {"s3KeyPrefix": "shop/"},
            "InvalidNextTokenException": {"nextToken": "nonsense"},
        }
        for name, mistake in bad.items():
            with self.subTest(mistake=mistake), self.refused(name):
                codedeploy.list_application_revisions(applicationName=application, **mistake)
        # What is empty counts as left out.
        listed = codedeploy.list_application_revisions(applicationName=application, s3Bucket="", s3KeyPrefix="")
        self.assertEqual(listed["revisions"], [])
