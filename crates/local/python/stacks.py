"""What moto's CloudFormation does otherwise than AWS's, put right."""

from moto.cloudformation import parsing
from moto.cloudformation.models import Stack
from moto.iam.models import Role, iam_backends
from moto.stepfunctions import models
from moto.stepfunctions.parser.models import stepfunctions_parser_backends


def show_parameters_as_given():
    """moto shows a parameter that is a list as Python writes one."""

    def parameters_as_given(self):
        given = self.resource_map.resolved_parameters.items()
        return [
            {"ParameterKey": name, "ParameterValue": ",".join(value) if isinstance(value, list) else value}
            for name, value in given
        ]

    Stack.parameter_list = property(parameters_as_given)


def run_the_machines_of_stacks():
    """CloudFormation makes state machines in the backend that only stores them; the API looks in the one that runs them."""
    models.stepfunctions_backends = stepfunctions_parser_backends


def attach_the_policies_of_roles():
    """CloudFormation makes a role without the managed policies that it names."""
    create = Role.create_from_cloudformation_json.__func__

    def create_and_attach(cls, resource_name, cloudformation_json, *rest, **named):
        role = create(cls, resource_name, cloudformation_json, *rest, **named)
        for arn in cloudformation_json["Properties"].get("ManagedPolicyArns", []):
            iam_backends[role.account_id][role.partition].attach_role_policy(arn, role.name)
        return role

    Role.create_from_cloudformation_json = classmethod(create_and_attach)


def leave_what_has_no_value_out_of_lists():
    """moto puts a null where a list has AWS::NoValue."""
    clean = parsing.clean_json

    def clean_of_nothing(part, resources):
        cleaned = clean(part, resources)
        return [it for it in cleaned if it is not None] if isinstance(cleaned, list) else cleaned

    parsing.clean_json = clean_of_nothing


MENDS = (
    show_parameters_as_given,
    run_the_machines_of_stacks,
    attach_the_policies_of_roles,
    leave_what_has_no_value_out_of_lists,
)
