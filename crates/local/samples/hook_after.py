"""An AfterAllowTraffic hook that is content."""


def handler(event, context):
    print(f"deployment {event['DeploymentId']} serves version {event['TargetVersion']}")
    return {"status": "Succeeded"}
