"""A BeforeAllowTraffic hook: it looks at what is new, and checks that it got the parameters it was promised."""

import json

import boto3


def handler(event, context):
    parameters = event.get("Parameters") or {}
    if not all(parameters.values()):
        return {"status": "Failed", "message": "a parameter is empty"}
    said = of_function(event) if "FunctionName" in event else of_service(event)
    if said is None:
        return {"status": "Failed", "message": "the new version does not answer"}
    print(f"{said}, parameters: {len(parameters)}")
    return {"status": "Succeeded"}


def of_function(event):
    """Calls the new version."""
    client = boto3.client("lambda")
    answer = client.invoke(FunctionName=event["FunctionName"], Qualifier=event["TargetVersion"], Payload=b"{}")
    if "FunctionError" in answer:
        return None
    return f"version {event['TargetVersion']} answered {json.load(answer['Payload']).get('page')}"


def of_service(event):
    """Looks whether the new task set is steady."""
    found = boto3.client("ecs").describe_services(cluster=event["Cluster"], services=[event["Service"]])
    sets = found["services"][0]["taskSets"]
    steady = [each for each in sets if each["stabilityStatus"] == "STEADY_STATE"]
    new = event["TargetTaskDefinition"]
    return next((f"{new} is steady" for each in steady if each["taskDefinition"] == new), None)
