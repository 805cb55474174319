"""Creates the stack of template.yaml on moto, as `sam deploy` creates it on AWS.

    provision.py create  TEMPLATE ENDPOINT STACK    creates it, and ends when it is complete
    provision.py print   TEMPLATE                   prints what CloudFormation would be given, as JSON

Only two things are done to the template that `sam` does in another way: the state machine's definition is put inline with its
substitutions resolved by CloudFormation's own functions, and the code is said to lie in a bucket. Nobody looks there: the
host of the functions knows their binary.
"""

import json
import os
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True  # no folder of it beside the sources
import asl  # noqa: E402

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "local")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "local")
# Not one look at the user's own settings, nor at an instance's.
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull

# What a user must say in an account: which objects may be read as AppSpecs. Every bucket here is the user's own.
PARAMETERS = {
    "ParameterPath": "/*",
    "HookParameters": "CodeDeployHook_*=/*",
    "RevisionObjects": "arn:aws:s3:::*",
    "EcsTaskRoles": "arn:aws:iam::123456789012:role/shop-task-*",
}

CODE = {"Bucket": "tideshift-local", "Key": "bootstrap.zip"}


class Refused(Exception):
    """Told to the user as it is."""


class NoManagedPolicies:
    """What the transform asks for the ARNs of AWS's own policies: the template uses none of them by name."""

    def load(self):
        return {}


def read_yaml(path):
    from samtranslator.yaml_helper import yaml_parse

    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from error
    try:
        return yaml_parse(text)
    except Exception as error:
        raise Refused(f"{path} is not YAML: {error}") from error


def resources(template, kind):
    return {name: it for name, it in template["Resources"].items() if it["Type"] == kind}


def transformed(path):
    """The plain CloudFormation template, and the definition of each state machine."""
    from samtranslator.public.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform

    template = read_yaml(path)
    definitions = {}
    template.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    for function in resources(template, "AWS::Serverless::Function").values():
        function["Properties"]["CodeUri"] = CODE
        function.pop("Metadata", None)
    for name, machine in resources(template, "AWS::Serverless::StateMachine").items():
        properties = machine["Properties"]
        definition = path.parent / properties.pop("DefinitionUri")
        definitions[name] = read_yaml(definition)
        if found := asl.faults(definitions[name], properties.get("DefinitionSubstitutions", {})):
            raise Refused(f"{definition.name}: {'; '.join(found)}")
        properties["Definition"] = {"StartAt": "the definition is put in later"}
    try:
        plain = transform(template, {"AWS::Region": os.environ["AWS_DEFAULT_REGION"]}, NoManagedPolicies())
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise Refused(f"{path.name} is not a valid SAM template: {causes}") from error
    return plain, definitions


def inlined(definition, substitutions):
    """The definition as a string that CloudFormation puts together."""
    pieces = asl.SUBSTITUTION.split(json.dumps(definition))
    pieces[1::2] = [substitutions[name] for name in pieces[1::2]]
    return {"Fn::Join": ["", pieces]}


def for_moto(plain):
    """What CloudFormation does by itself, and moto does not."""
    for parameter in plain.get("Parameters", {}).values():
        # A list is a list where nobody gives one, too.
        if parameter["Type"] == "CommaDelimitedList" and "Default" in parameter:
            parameter["Default"] = parameter["Default"].split(",")
    for function in resources(plain, "AWS::Lambda::Function").values():
        # The value of a Number parameter becomes a string where a string is due.
        variables = function["Properties"].get("Environment", {}).get("Variables", {})
        for name, value in variables.items():
            if list(value) == ["Ref"]:
                variables[name] = {"Fn::Sub": "${" + value["Ref"] + "}"}
    for role in resources(plain, "AWS::IAM::Role").values():
        # A policy is handed out again as JSON.
        for policy in role["Properties"].get("Policies", []):
            policy["PolicyDocument"] = {"Fn::ToJsonString": policy["PolicyDocument"]}


def alarms(plain, stack):
    """The stack's own alarms: moto's CloudFormation passes over them."""

    def text(value):
        match value:
            case {"Ref": "AWS::StackName"}:
                return stack
            case {"Fn::Sub": pattern}:
                return pattern.replace("${AWS::StackName}", stack)
            case {"Fn::GetAtt": [name, attribute]}:
                return text(plain["Resources"][name]["Properties"][attribute])
            case {}:
                return {name: text(part) for name, part in value.items()}
            case [*parts]:
                return [text(part) for part in parts]
        return value

    # Nobody is notified unless a parameter names a topic, which none does here.
    return [
        text({name: value for name, value in alarm["Properties"].items() if name != "AlarmActions"})
        for alarm in resources(plain, "AWS::CloudWatch::Alarm").values()
    ]


def create(path, endpoint, stack):
    # The transform and the client are both slow to import: the plain template is made first, so that a bad one is told at once.
    plain, definitions = transformed(path)
    for name, definition in definitions.items():
        properties = plain["Resources"][name]["Properties"]
        properties["DefinitionString"] = inlined(definition, properties.pop("DefinitionSubstitutions", {}))
    for_moto(plain)

    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    def client(service):
        config = Config(retries={"max_attempts": 0}, parameter_validation=False, read_timeout=120)
        return botocore.session.get_session().create_client(service, endpoint_url=endpoint, config=config)

    try:
        cloudformation = client("cloudformation")
        cloudformation.create_stack(
            StackName=stack,
            TemplateBody=json.dumps(plain),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in PARAMETERS.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        while True:
            state = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
            if state["StackStatus"] != "CREATE_IN_PROGRESS":
                break
            time.sleep(0.1)
        if state["StackStatus"] != "CREATE_COMPLETE":
            events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
            raise Refused(f"the stack {stack} is {state['StackStatus']}: {why(state, events)}")
        cloudwatch = client("cloudwatch")
        for alarm in alarms(plain, stack):
            cloudwatch.put_metric_alarm(**alarm)
    except ClientError as error:
        raise Refused(f"the stack {stack} was refused: {error.response['Error'].get('Message') or error}") from error
    except BotoCoreError as error:
        raise Refused(f"{endpoint} does not answer as CloudFormation: {error}") from error


def why(state, events):
    failed = [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in events
        if event.get("ResourceStatus", "").endswith("FAILED") and event.get("ResourceStatusReason")
    ]
    return "; ".join(reversed(failed)) or state.get("StackStatusReason") or "no event says why"


def show(path):
    plain, definitions = transformed(path)
    for name, definition in definitions.items():
        properties = plain["Resources"][name]["Properties"]
        del properties["DefinitionString"]
        # cfn-lint knows the ARNs of integrations in one partition only.
        properties["DefinitionSubstitutions"].pop("Partition", None)
        properties["Definition"] = json.loads(json.dumps(definition).replace("${Partition}", "aws"))
    json.dump(plain, sys.stdout, indent=2)


def main(arguments):
    match arguments:
        case ["create", path, endpoint, stack]:
            create(Path(path), endpoint, stack)
        case ["print", path]:
            show(Path(path))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refused as refusal:
        sys.exit(str(refusal))
