"""AppSpecs in S3: deployed from where they are. The operations are the business of other modules."""

import boto3

from stage import FUNCTION, PLAIN, Moving, alias, appspec, codedeploy, info, unique, until

OPERATIONS = []

s3 = boto3.client("s3", config=PLAIN)

YAML = """\
version: 0.0
Resources:
  - shop:
      Type: AWS::Lambda::Function
      Properties:
        Name: {function}
        Alias: live
        TargetVersion: {target}
"""


def at(bucket, key, bundle="JSON", **more):
    return {"revisionType": "S3", "s3Location": {"bucket": bucket, "key": key, "bundleType": bundle, **more}}


class Objects(Moving):
    def setUp(self):
        super().setUp()
        self.name = self.application()
        self.live = self.group(self.name)

    def bucket(self, versioned=False):
        name = unique("appspecs")
        s3.create_bucket(Bucket=name)
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def put(self, bucket, key, text):
        """What S3 answers: the eTag, in quotes, and the version where it keeps versions."""
        return s3.put_object(Bucket=bucket, Key=key, Body=text.encode())

    def create(self, location, **more):
        made = codedeploy.create_deployment(
            applicationName=self.name, deploymentGroupName=self.live, revision=location, **more
        )["deploymentId"]
        self.open.append(made)
        return made

    def failed(self, location, *said):
        """The code with which a deployment fails that CreateDeployment has taken; the message says these words."""
        told = until(self.create(location), "Failed")["errorInformation"]
        for words in said:
            self.assertIn(words, told["message"])
        self.assertEqual(alias()["FunctionVersion"], "1")
        return told["code"]

    def test_json_and_yaml_are_deployed_from_where_they_are(self):
        bucket = self.bucket()
        self.put(bucket, "shop/app spec.json", appspec("2"))
        tag = self.put(bucket, "shop/appspec.yaml", YAML.format(function=FUNCTION, target=1))["ETag"]
        json_at = at(bucket, "shop/app spec.json")
        yaml_at = at(bucket, "shop/appspec.yaml", "YAML", eTag=tag.strip('"'))
        until(self.create(json_at), "Succeeded")
        self.assertEqual(alias()["FunctionVersion"], "2")
        # With the quotes, as S3 hands them out.
        made = self.create(at(bucket, "shop/appspec.yaml", "YAML", eTag=tag))
        until(made, "Succeeded")
        self.assertEqual(alias()["FunctionVersion"], "1")
        self.assertEqual((info(made)["revision"], info(made)["previousRevision"]), (yaml_at, json_at))

        shown = codedeploy.get_deployment_group(applicationName=self.name, deploymentGroupName=self.live)
        self.assertEqual(shown["deploymentGroupInfo"]["targetRevision"], yaml_at)
        known = codedeploy.get_application_revision(applicationName=self.name, revision=yaml_at)
        self.assertEqual((known["revision"], known["revisionInfo"]["deploymentGroups"]), (yaml_at, [self.live]))
        codedeploy.register_application_revision(applicationName=self.name, revision=at(bucket, "shop/later.json"))

        def listed(**more):
            return codedeploy.list_application_revisions(applicationName=self.name, s3Bucket=bucket, **more)["revisions"]

        self.assertEqual(listed(deployed="include"), [json_at, yaml_at])
        self.assertEqual(listed(deployed="exclude"), [at(bucket, "shop/later.json")])
        self.assertEqual(len(listed(s3KeyPrefix="shop/")), 3)

    def test_a_version_stays_what_it_was(self):
        bucket = self.bucket(versioned=True)
        first = self.put(bucket, "shop.json", appspec("2"))["VersionId"]
        self.put(bucket, "shop.json", "overwritten")
        until(self.create(at(bucket, "shop.json", version=first)), "Succeeded")
        self.assertEqual(alias()["FunctionVersion"], "2")

    def test_what_is_not_there_fails_the_deployment_and_not_the_call(self):
        bucket = self.bucket()
        self.put(bucket, "shop.json", appspec("2"))
        stale = at(bucket, "shop.json", eTag="0123456789abcdef0123456789abcdef")
        self.assertEqual(self.failed(stale, "0123456789abcdef", "eTag"), "REVISION_MISSING")
        self.assertEqual(self.failed(at(bucket, "gone.json"), f"s3://{bucket}/gone.json"), "REVISION_MISSING")
        self.assertEqual(self.failed(at(unique("nowhere"), "shop.json"), "does not exist"), "REVISION_MISSING")

    def test_what_is_no_appspec_is_told_like_one_that_came_along(self):
        bucket = self.bucket()
        for text in ["{", "x" * (64 * 1024 + 1)]:
            self.put(bucket, "shop.json", text)
            self.assertEqual(self.failed(at(bucket, "shop.json")), "INVALID_LAMBDA_CONFIGURATION")
        with self.refused("InvalidRevisionException", "BundleType must be either YAML or JSON"):
            self.create(at(bucket, "shop.zip", "zip"))
