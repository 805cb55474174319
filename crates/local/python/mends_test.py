"""One test a mend, by the mend's name: it fails on moto as it is, and passes once moto is mended.

    mends_test.py bare      what each test says of moto as it is, as JSON: a reason for each that fails, null for each that passes
    mends_test.py mended    the same after all mends

`tests/mends.rs` runs both and compares.
"""

import io
import json
import os
import socket
import sys
import threading
import time
import types
import zipfile

sys.dont_write_bytecode = True  # no folder of it beside the sources

with socket.create_server(("127.0.0.1", 0)) as free:
    PORT = free.getsockname()[1]
# Read by moto when it is imported: its interpreter calls moto itself.
os.environ.update(
    MOTO_PORT=str(PORT),
    AWS_DEFAULT_REGION="us-east-1",
    AWS_ACCESS_KEY_ID="local",
    AWS_SECRET_ACCESS_KEY="local",
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    NO_PROXY="*",
)

import boto3  # noqa: E402
import mends  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

ENDPOINT = f"http://127.0.0.1:{PORT}"


def client(service):
    return boto3.client(service, endpoint_url=ENDPOINT)


def refusal(call, **arguments):
    """The code that a call is refused with; empty where it is not."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def until(what, ask):
    """Asks again until the answer will do, for some seconds."""
    for _ in range(200):
        if answer := ask():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within seconds")


# Calls


def hold_many_connections():
    from botocore.config import Config

    assert Config().max_pool_connections >= 1000


def share_clients():
    from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils as user

    assert user.boto_client_for("us-east-1", "sqs") is user.boto_client_for("us-east-1", "sqs")


def find_a_host_once():
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    asked = []
    application = DomainDispatcherApplication(None)
    application.backend_url_patterns = [("somewhere", types.SimpleNamespace(match=lambda url: asked.append(url) or True))]
    for _ in range(2):
        assert application.get_backend_for_host("a.host") == "somewhere"
    assert len(asked) == 1


def list_methods_once():
    from moto.core import responses
    from moto.sqs.responses import SQSResponse

    assert responses.method_names_from_class(SQSResponse) is responses.method_names_from_class(SQSResponse)


def log_no_request():
    from werkzeug.serving import WSGIRequestHandler

    said = []
    handler = types.SimpleNamespace(requestline="GET /", log=lambda *words: said.append(words), _control_char_table={})
    WSGIRequestHandler.log_request(handler, 200)
    assert not said


# Rules, stacks, functions and instances


def leave_schedules_to_their_time():
    events, sqs = client("events"), client("sqs")
    queue = sqs.create_queue(QueueName="rung")["QueueUrl"]
    events.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_targets(Rule="hourly", Targets=[{"Id": "1", "Arn": arn}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "any", "Detail": "{}"}])
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


MACHINE = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}


def stack(name, template, **more):
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), **more)
    return cloudformation.describe_stacks(StackName=name)["Stacks"][0]


def resources_of(name):
    return client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]


def show_parameters_as_given():
    topic = {"Topic": {"Type": "AWS::SNS::Topic"}}
    template = {"Parameters": {"Names": {"Type": "CommaDelimitedList"}}, "Resources": topic}
    made = stack("listed", template, Parameters=[{"ParameterKey": "Names", "ParameterValue": "a,b"}])
    assert made["Parameters"] == [{"ParameterKey": "Names", "ParameterValue": "a,b"}]


def run_the_machines_of_stacks():
    properties = {"StateMachineName": "stacked", "RoleArn": ROLE, "DefinitionString": json.dumps(MACHINE)}
    stack("machines", {"Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}})
    assert "stacked" in [machine["name"] for machine in client("stepfunctions").list_state_machines()["stateMachines"]]


def attach_the_policies_of_roles():
    allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}
    role = {"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": [{"Ref": "May"}]}
    made = {"May": {"Type": "AWS::IAM::ManagedPolicy", "Properties": policy}, "Role": {"Type": "AWS::IAM::Role", "Properties": role}}
    stack("roles", {"Resources": made})
    names = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources_of("roles")}
    attached = client("iam").list_attached_role_policies(RoleName=names["Role"])["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [names["May"]]


def leave_what_has_no_value_out_of_lists():
    allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    nothing = {"Fn::If": ["Never", allow, {"Ref": "AWS::NoValue"}]}
    document = {"Version": "2012-10-17", "Statement": [allow, nothing]}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    stack("sparse", {"Conditions": {"Never": {"Fn::Equals": ["1", "2"]}}, "Resources": {"May": policy}})
    named = {"PolicyArn": resources_of("sparse")[0]["PhysicalResourceId"]}
    version = client("iam").get_policy_version(VersionId="v1", **named)["PolicyVersion"]
    assert version["Document"]["Statement"] == [allow]


def keep_where_functions_log():
    functions, code = client("lambda"), io.BytesIO()
    zipfile.ZipFile(code, "w").close()
    role = client("iam").create_role(RoleName="logs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    settings = {"Role": role, "Handler": "any.any", "Runtime": "python3.13"}
    told = {"LoggingConfig": {"LogGroup": "one-for-all"}}
    stacked = {"FunctionName": "stacked", "Code": {"ZipFile": "pass"}} | settings | told
    stack("logs", {"Resources": {"Stacked": {"Type": "AWS::Lambda::Function", "Properties": stacked}}})
    functions.create_function(FunctionName="told", Code={"ZipFile": code.getvalue()}, **settings, **told)
    functions.create_function(FunctionName="untold", Code={"ZipFile": code.getvalue()}, **settings)

    def group(function):
        return functions.get_function_configuration(FunctionName=function)["LoggingConfig"]["LogGroup"]

    assert [group(name) for name in ("stacked", "told", "untold")] == ["one-for-all", "one-for-all", "/aws/lambda/untold"]
    functions.update_function_configuration(FunctionName="untold", LoggingConfig={"LogGroup": "another"})
    assert group("untold") == "another"


def keep_no_list_of_instances():
    from moto.sqs.models import Message

    kept = len(Message.instances_tracked)
    queue = client("sqs").create_queue(QueueName="kept")["QueueUrl"]
    client("sqs").send_message(QueueUrl=queue, MessageBody="for ever")
    assert len(Message.instances_tracked) == kept


# The interpreter of state machines

ROLE = "arn:aws:iam::123456789012:role/any"


def start(name, definition):
    """Starts an execution; gives its ARN."""
    states = client("stepfunctions")
    arn = states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    return states.start_execution(stateMachineArn=arn)["executionArn"]


def status(execution):
    return client("stepfunctions").describe_execution(executionArn=execution)["status"]


def parallel(branch, **more):
    """A machine of one Parallel state with one branch of one state."""
    branch = {"StartAt": "Branch", "States": {"Branch": {**branch, "End": True}}}
    both = {"Type": "Parallel", "Branches": [branch], "Next": "Done", **more}
    return {"StartAt": "Both", "States": {"Both": both, "Done": {"Type": "Succeed"}}}


def waiting(**more):
    """A task that waits for a token nobody sends."""
    queue = client("sqs").create_queue(QueueName="tokens")["QueueUrl"]
    message = {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"}
    return {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": message, **more}


def stop_at_once():
    states = client("stepfunctions")
    execution = start("stopped", parallel(waiting()))

    def waits():
        history = states.get_execution_history(executionArn=execution)["events"]
        return any(event["type"] == "TaskSubmitted" for event in history)

    until("a task that waits", waits)
    states.stop_execution(executionArn=execution, cause="enough")
    assert status(execution) == "ABORTED"


def let_a_branch_time_out():
    caught = [{"ErrorEquals": ["States.Timeout"], "Next": "Done"}]
    execution = start("late", parallel(waiting(TimeoutSeconds=1), Catch=caught))
    until("the end", lambda: status(execution) != "RUNNING")
    assert status(execution) == "SUCCEEDED"


def read_a_path_once():
    from moto.stepfunctions.parser.asl.component.common.path import result_path
    from moto.stepfunctions.parser.asl.utils import json_path

    for module in (json_path, result_path):
        assert module.parse("$.a.b") is module.parse("$.a.b")


def read_a_definition_once():
    from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

    details = types.SimpleNamespace(definition=json.dumps(MACHINE))
    worker = types.SimpleNamespace(_evaluation_details=types.SimpleNamespace(state_machine_details=details))
    assert ExecutionWorker._get_evaluation_entrypoint(worker) is ExecutionWorker._get_evaluation_entrypoint(worker)


def look_for_tokens_where_they_can_be():
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    starting = types.SimpleNamespace(status="RUNNING", exec_worker=types.SimpleNamespace(env=None))
    machines = stepfunctions_parser_backends["123456789012"]["us-east-1"].state_machines
    machines.insert(0, types.SimpleNamespace(executions=[starting]))
    try:
        failing = client("stepfunctions").send_task_failure
        assert refusal(failing, taskToken="none") in ("InvalidToken", "TaskDoesNotExist")
    finally:
        machines.pop(0)


def take_one_answer_of_a_token():
    from moto.stepfunctions.parser.api import TaskTimedOut
    from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackEndpoint, CallbackOutcomeSuccess

    waiting_task = CallbackEndpoint("token")
    first, second = (CallbackOutcomeSuccess(callback_id="token", output=output) for output in ("1", "2"))
    waiting_task.notify(first)
    try:
        waiting_task.notify(second)
    except TaskTimedOut:
        pass
    assert waiting_task.get_outcome() is first


def name_what_became_of_a_token():
    from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackPoolManager
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    pool = CallbackPoolManager({})
    pool.add("answered")
    env = types.SimpleNamespace(callback_pool_manager=pool)
    waiting_execution = types.SimpleNamespace(status="RUNNING", exec_worker=types.SimpleNamespace(env=env))
    machines = stepfunctions_parser_backends["123456789012"]["us-east-1"].state_machines
    machines.insert(0, types.SimpleNamespace(executions=[waiting_execution]))
    try:
        answer = client("stepfunctions").send_task_success
        said = [refusal(answer, taskToken="answered", output="1") for _ in range(2)]
    finally:
        machines.pop(0)
    assert said == ["", "TaskTimedOut"], said


def hand_on_why_a_token_failed():
    from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackPoolManager
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    pool = CallbackPoolManager({})
    waits = pool.add("fails")
    env = types.SimpleNamespace(callback_pool_manager=pool)
    waiting_execution = types.SimpleNamespace(status="RUNNING", exec_worker=types.SimpleNamespace(env=env))
    machines = stepfunctions_parser_backends["123456789012"]["us-east-1"].state_machines
    machines.insert(0, types.SimpleNamespace(executions=[waiting_execution]))
    try:
        client("stepfunctions").send_task_failure(taskToken="fails", error="Stopped", cause="by hand")
    finally:
        machines.pop(0)
    failed = waits.get_outcome()
    assert (failed.error, failed.cause) == ("Stopped", "by hand"), (failed.error, failed.cause)


def forget_what_is_over():
    import interpreter
    from moto.stepfunctions.parser import utils

    interpreter.KEPT_SECONDS = interpreter.KEPT_NEWEST = 0
    first, second = start("first", MACHINE), start("second", MACHINE)
    until("both ends", lambda: status(first) == status(second) == "SUCCEEDED")
    history = client("stepfunctions").get_execution_history
    until("no threads", lambda: not utils.TMP_THREADS)
    assert refusal(history, executionArn=first) == "ExecutionDoesNotExist"


# Load balancers


def answer_one_call_after_the_other():
    from moto.elbv2.models import ELBv2Backend

    inside = threading.Event()
    answered = ELBv2Backend.describe_load_balancers
    look = client("elbv2").describe_load_balancers

    def alone(self, *arguments, **named):
        if not inside.is_set():
            inside.set()
            other = threading.Thread(target=look, daemon=True)
            other.start()
            # Another call is answered meanwhile, or waits for this one.
            others.append((other, not other_came.wait(2)))
        else:
            other_came.set()
        return answered(self, *arguments, **named)

    others, other_came = [], threading.Event()
    ELBv2Backend.describe_load_balancers = alone
    try:
        look()
        [(other, waited)] = others
        other.join()
    finally:
        ELBv2Backend.describe_load_balancers = answered
    assert waited


def network():
    subnets = client("ec2").describe_subnets()["Subnets"][:2]
    return [subnet["SubnetId"] for subnet in subnets], subnets[0]["VpcId"]


def balancer(name, kind="application"):
    made = client("elbv2").create_load_balancer(Name=name, Subnets=network()[0], Type=kind)
    return made["LoadBalancers"][0]["LoadBalancerArn"]


def group(name):
    made = client("elbv2").create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=network()[1])
    return made["TargetGroups"][0]["TargetGroupArn"]


def forward(*groups, weight=1):
    """An action that forwards to groups, by weights."""
    weighted = [{"TargetGroupArn": group, "Weight": weight} for group in groups]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}]


def listener(name, actions):
    made = client("elbv2").create_listener(
        LoadBalancerArn=balancer(name), Protocol="HTTP", Port=80, DefaultActions=actions
    )
    return made["Listeners"][0]


def tell_the_kind_in_the_arn():
    assert ":loadbalancer/net/quick/" in balancer("quick", "network")
    assert ":loadbalancer/app/slow/" in balancer("slow")


def say_actions_in_full():
    to = group("full")
    for name, actions in (("short", [{"Type": "forward", "TargetGroupArn": to}]), ("long", forward(to))):
        [said] = listener(name, actions)["DefaultActions"]
        assert said["TargetGroupArn"] == to
        assert said["ForwardConfig"]["TargetGroups"] == [{"TargetGroupArn": to, "Weight": 1}]


LOGIN = {
    "Issuer": "https://login",
    "AuthorizationEndpoint": "https://login/a",
    "TokenEndpoint": "https://login/t",
    "UserInfoEndpoint": "https://login/u",
    "ClientId": "shop",
}


def keep_the_secrets_of_logins():
    login = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {**LOGIN, "ClientSecret": "secret"}}
    said = listener("login", [login, {**forward(group("inside"))[0], "Order": 2}])["DefaultActions"]
    assert "ClientSecret" not in said[0]["AuthenticateOidcConfig"]


def know_who_uses_a_target_group():
    blue, green = group("blue"), group("green")
    made = listener("moving", forward(blue))
    client("elbv2").modify_listener(ListenerArn=made["ListenerArn"], DefaultActions=forward(green))
    found = client("elbv2").describe_target_groups(TargetGroupArns=[blue, green])["TargetGroups"]
    users = {one["TargetGroupArn"]: one["LoadBalancerArns"] for one in found}
    assert users == {blue: [], green: [made["LoadBalancerArn"]]}


def refuse_what_cannot_be():
    elb, to = client("elbv2"), group("known")
    arn = listener("strict", forward(to))["ListenerArn"]
    modify = elb.modify_listener
    assert refusal(modify, ListenerArn=arn, DefaultActions=forward(to + "0")) == "TargetGroupNotFound"
    assert refusal(modify, ListenerArn=arn, DefaultActions=forward(to, weight=1000)) == "ValidationError"
    login = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": LOGIN}
    without = [login, {**forward(to)[0], "Order": 2}]
    assert refusal(modify, ListenerArn=arn, DefaultActions=without) == "ValidationError"
    [default] = elb.describe_rules(ListenerArn=arn)["Rules"]
    assert refusal(elb.modify_rule, RuleArn=default["RuleArn"], Actions=forward(to)) == "OperationNotPermitted"


# Tables


def counted(owner, name, count):
    """Has a function of a class or module counted while something is done."""
    whole = getattr(owner, name)

    def counting(*arguments, **named):
        answer = whole(*arguments, **named)
        count.append(answer)
        return answer

    setattr(owner, name, counting)
    return lambda: setattr(owner, name, whole)


def table(name):
    """A table with three items under each of four keys."""
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    kinds = [{"AttributeName": key["AttributeName"], "AttributeType": "S"} for key in keys]
    tables = client("dynamodb")
    tables.create_table(TableName=name, KeySchema=keys, AttributeDefinitions=kinds, BillingMode="PAY_PER_REQUEST")
    for pk in "abcd":
        for sk in "321":
            tables.put_item(TableName=name, Item={"pk": {"S": pk}, "sk": {"S": sk}, "n": {"N": sk}})
    return tables


def query_what_was_asked():
    from moto.dynamodb.models.table import Table

    tables, looked_at = table("queried"), []
    undone = counted(Table, "all_items", looked_at)
    asked = {"TableName": "queried", "KeyConditionExpression": "pk = :a"}
    found = tables.query(**asked, ExpressionAttributeValues={":a": {"S": "b"}})["Items"]
    undone()
    assert [item["sk"]["S"] for item in found] == ["1", "2", "3"]
    assert [len(list(items)) for items in looked_at] == [3]


def measure_an_item_once():
    from moto.dynamodb.models import dynamo_type

    measured = []
    undone = counted(dynamo_type, "bytesize", measured)
    attributes = {f"attribute{number}": {"S": "text"} for number in range(30)}
    dynamo_type.Item(dynamo_type.DynamoType({"S": "a"}), None, attributes)
    undone()
    # The name and the value of each.
    assert len(measured) <= 60


def answer_with_an_attribute_as_it_is():
    from moto.core.serialize import BaseJSONSerializer

    tables, walked = table("answered"), []
    members = BaseJSONSerializer._serialize_structure_member

    def walking(self, serialized, value, shape, key):
        if shape.parent.name == "AttributeValue":
            walked.append(key)
        members(self, serialized, value, shape, key)

    BaseJSONSerializer._serialize_structure_member = walking
    item = tables.get_item(TableName="answered", Key={"pk": {"S": "a"}, "sk": {"S": "1"}})["Item"]
    BaseJSONSerializer._serialize_structure_member = members
    assert item == {"pk": {"S": "a"}, "sk": {"S": "1"}, "n": {"N": "1"}}
    assert walked == []


def told(test):
    """Why a test fails; None where it passes."""
    if test is None:
        return "there is no test of this name"
    try:
        test()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def main(how):
    names = [mend.__name__ for mend in mends.every()]
    if how == "mended":
        mends.repair()
    from moto.server import ThreadedMotoServer

    ThreadedMotoServer(ip_address="127.0.0.1", port=PORT, verbose=False).start()
    import urllib.request

    config = json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode()
    request = urllib.request.Request(f"{ENDPOINT}/moto-api/config", config, {"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()
    said = {name: told(globals().get(name)) for name in names}
    print(json.dumps(said, indent=1), flush=True)
    # Threads of executions that were never stopped do not keep this one.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
