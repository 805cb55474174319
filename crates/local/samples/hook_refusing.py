"""A hook that refuses."""


def handler(event, context):
    print(f"version {event['TargetVersion']} has no privacy notice")
    return {"status": "Failed", "message": "the new version has no privacy notice"}
