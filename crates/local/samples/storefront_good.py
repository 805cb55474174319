"""A storefront that works."""

import os


def handler(event, context):
    return {"version": os.environ["AWS_LAMBDA_FUNCTION_VERSION"], "page": "welcome"}
