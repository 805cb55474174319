"""What moto's Lambda functions do otherwise than AWS's, put right."""

from moto.awslambda.models import LambdaFunction


def keep_where_functions_log():
    """moto forgets where a function was told to log. Without a word of it, that is a group of the function's own name."""
    start, configuration = LambdaFunction.__init__, LambdaFunction.get_configuration
    update, stacked = LambdaFunction.update_configuration, LambdaFunction.create_from_cloudformation_json.__func__

    def start_with_logs(self, account_id, spec, *rest, **named):
        start(self, account_id, spec, *rest, **named)
        self.logging = spec.get("LoggingConfig") or {}

    def update_with_logs(self, updates):
        self.logging = updates.get("LoggingConfig") or self.logging
        return update(self, updates)

    def configuration_with_logs(self, *rest, **named):
        group = f"/aws/lambda/{self.function_name}"
        return configuration(self, *rest, **named) | {"LoggingConfig": {"LogFormat": "Text", "LogGroup": group} | self.logging}

    def stacked_with_logs(cls, resource_name, cloudformation_json, *rest, **named):
        function = stacked(cls, resource_name, cloudformation_json, *rest, **named)
        function.logging = cloudformation_json["Properties"].get("LoggingConfig") or {}
        return function

    LambdaFunction.__init__ = start_with_logs
    LambdaFunction.update_configuration = update_with_logs
    LambdaFunction.get_configuration = configuration_with_logs
    LambdaFunction.create_from_cloudformation_json = classmethod(stacked_with_logs)


MENDS = (keep_where_functions_log,)
