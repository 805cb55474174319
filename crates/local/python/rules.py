"""What moto's EventBridge rules do otherwise than AWS's, put right."""

from moto.events.models import Rule


def leave_schedules_to_their_time():
    """moto takes a rule with a schedule and no pattern for one that every event matches. It is for the schedule alone."""
    send_to_targets = Rule.send_to_targets

    def send_unless_scheduled(self, event, *rest, **named):
        if not self.scheduled_expression:
            send_to_targets(self, event, *rest, **named)

    Rule.send_to_targets = send_unless_scheduled


MENDS = (leave_schedules_to_their_time,)
