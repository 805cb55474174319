"""Tags of applications and deployment groups, by ARN."""

from stage import Case, codedeploy, loose, unique

OPERATIONS = ["TagResource", "UntagResource", "ListTagsForResource"]

HOME = f"arn:aws:codedeploy:{codedeploy.meta.region_name}:123456789012"


def tags(arn):
    return {tag["Key"]: tag["Value"] for tag in codedeploy.list_tags_for_resource(ResourceArn=arn)["Tags"]}


class Tags(Case):
    def test_tags_of_an_application_and_a_group_come_and_go(self):
        application = self.application(tags=[{"Key": "team", "Value": "shop"}])
        self.group(application, tags=[{"Key": "stage", "Value": "live"}])
        for arn, first in [
            (f"{HOME}:application:{application}", {"team": "shop"}),
            (f"{HOME}:deploymentgroup:{application}/live", {"stage": "live"}),
        ]:
            self.assertEqual(tags(arn), first)
            codedeploy.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
            codedeploy.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "3"}])
            self.assertEqual(tags(arn), {**first, "a": "3", "b": "2"})
            codedeploy.untag_resource(ResourceArn=arn, TagKeys=["b", "never-there"])
            self.assertEqual(tags(arn), {**first, "a": "3"})

    def test_arns_are_checked(self):
        tag = [{"Key": "a", "Value": "1"}]
        for arn in ["shop", "arn:aws:s3:::bucket", f"{HOME}:application:", f"{HOME}:pipeline:shop"]:
            for call in [
                lambda: codedeploy.tag_resource(ResourceArn=arn, Tags=tag),
                lambda: codedeploy.untag_resource(ResourceArn=arn, TagKeys=["a"]),
                lambda: codedeploy.list_tags_for_resource(ResourceArn=arn),
            ]:
                with self.subTest(arn=arn), self.refused("InvalidArnException"):
                    call()
        with self.refused("ArnNotSupportedException"):
            codedeploy.tag_resource(ResourceArn=f"{HOME}:deploymentconfig:mine", Tags=tag)
        for call in [loose.tag_resource, loose.untag_resource, loose.list_tags_for_resource]:
            with self.refused("ResourceArnRequiredException"):
                call()

    def test_what_does_not_exist_has_no_tags_and_gets_none(self):
        tag = [{"Key": "a", "Value": "1"}]
        arn = f"{HOME}:application:{unique()}"
        with self.refused("ApplicationDoesNotExistException"):
            codedeploy.tag_resource(ResourceArn=arn, Tags=tag)
        with self.refused("ApplicationDoesNotExistException"):
            codedeploy.untag_resource(ResourceArn=arn, TagKeys=["a"])
        self.assertEqual(tags(arn), {})
        with self.refused("DeploymentGroupDoesNotExistException"):
            codedeploy.tag_resource(ResourceArn=f"{HOME}:deploymentgroup:{self.application()}/absent", Tags=tag)

    def test_tags_are_checked(self):
        arn = f"{HOME}:application:{self.application()}"
        with self.refused("TagRequiredException"):
            codedeploy.tag_resource(ResourceArn=arn, Tags=[])
        with self.refused("TagRequiredException"):
            codedeploy.untag_resource(ResourceArn=arn, TagKeys=[])
        many = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
        for mistake in [[{"Key": ""}], [{"Key": "aws:x"}], [{"Key": "a", "Value": "v" * 257}], many]:
            with self.subTest(mistake=mistake), self.refused("InvalidTagsToAddException"):
                codedeploy.tag_resource(ResourceArn=arn, Tags=mistake)
        codedeploy.tag_resource(ResourceArn=arn, Tags=many[:50])
        with self.refused("InvalidTagsToAddException"):
            codedeploy.tag_resource(ResourceArn=arn, Tags=[{"Key": "one-more"}])
        self.assertEqual(len(tags(arn)), 50)
