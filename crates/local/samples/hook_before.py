"""A BeforeAllowTraffic hook: it calls the new version, and checks that it got the parameters it was promised."""

import json

import boto3


def handler(event, context):
    parameters = event.get("Parameters") or {}
    if not all(parameters.values()):
        return {"status": "Failed", "message": "a parameter is empty"}
    client = boto3.client("lambda")
    answer = client.invoke(FunctionName=event["FunctionName"], Qualifier=event["TargetVersion"], Payload=b"{}")
    if "FunctionError" in answer:
        return {"status": "Failed", "message": "the new version does not answer"}
    page = json.load(answer["Payload"]).get("page")
    print(f"version {event['TargetVersion']} answered {page}, parameters: {len(parameters)}")
    return {"status": "Succeeded"}
