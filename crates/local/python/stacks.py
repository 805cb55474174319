"""What moto's CloudFormation does otherwise than AWS's, put right."""

from moto.cloudformation.models import Stack
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


MENDS = (show_parameters_as_given, run_the_machines_of_stacks)
