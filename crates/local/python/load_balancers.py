"""What moto's load balancers do otherwise than AWS's, put right.

moto stores what it is told and says it again. A caller that reads a listener, changes its actions and writes them back needs the
form AWS answers in.
"""

import threading

from moto.elbv2 import models
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.responses import ELBV2Response


def answer_one_call_after_the_other():
    """A look at listeners or rules walks through all load balancers. One that another thread makes in between would end it with a 500."""
    call, one_at_a_time = ELBV2Response.call_action, threading.Lock()

    def called(self):
        with one_at_a_time:
            return call(self)

    ELBV2Response.call_action = called


def tell_the_kind_in_the_arn():
    """The ARN of a Network Load Balancer, and with it those of its listeners, says `net`; moto's say `app` whatever they are."""
    create, arn = models.ELBv2Backend.create_load_balancer, models.make_arn_for_load_balancer
    kind = threading.local()

    def created(self, *arguments, loadbalancer_type=None, **named):
        kind.of_new = {"network": "net", "gateway": "gwy"}.get(loadbalancer_type, "app")
        return create(self, *arguments, loadbalancer_type=loadbalancer_type, **named)

    def made(**named):
        return arn(**named).replace(":loadbalancer/app/", f":loadbalancer/{getattr(kind, 'of_new', 'app')}/")

    models.ELBv2Backend.create_load_balancer = created
    models.make_arn_for_load_balancer = made


def say_actions_in_full():
    """A forward to one group is answered in both its forms, whichever it was written in."""
    make = models.FakeAction.__init__

    def made(self, data):
        if data.get("Type") == "forward":
            group, config = data.get("TargetGroupArn"), data.get("ForwardConfig")
            if config is None and group is not None:
                data["ForwardConfig"] = {"TargetGroups": [{"TargetGroupArn": group, "Weight": 1}]}
            elif config is not None and group is None and len(config.get("TargetGroups", [])) == 1:
                data["TargetGroupArn"] = config["TargetGroups"][0]["TargetGroupArn"]
        make(self, data)

    models.FakeAction.__init__ = made


def keep_the_secrets_of_logins():
    """A login's client secret is not said again; whoever writes the login back says that the secret stays."""
    make = models.FakeAction.__init__

    def made(self, data):
        login = data.get("AuthenticateOidcConfig")
        if login is not None:
            stays = str(login.get("UseExistingClientSecret", "")).lower() == "true"
            self.has_secret = stays or bool(login.get("ClientSecret"))
            hidden = ("ClientSecret", "UseExistingClientSecret")
            said = {name: value for name, value in login.items() if name not in hidden}
            data = {**data, "AuthenticateOidcConfig": said}
        make(self, data)

    models.FakeAction.__init__ = made


def groups_of(action):
    """The target groups an action forwards to."""
    if action.type != "forward":
        return []
    return [group["TargetGroupArn"] for group in action.data.get("ForwardConfig", {}).get("TargetGroups", [])]


def know_who_uses_a_target_group():
    """The load balancers of a target group are those that forward to it now.

    moto writes them down when a listener or rule is created: twice where two forward to it, and not when one is modified.
    """

    def users(self):
        backend = models.elbv2_backends[self.account_id][self.region_name]
        # Copies: other threads make load balancers, listeners and rules meanwhile.
        return [
            arn
            for arn, balancer in list(backend.load_balancers.items())
            if any(
                self.arn in groups_of(action)
                for listener in list(balancer.listeners.values())
                for rule in list(listener.rules.values())
                for action in list(rule.actions)
            )
        ]

    # moto assigns a list and appends to it; neither means anything any more.
    models.FakeTargetGroup.load_balancer_arns = property(users, lambda self, arns: None)


def refuse_what_cannot_be():
    """ModifyListener and ModifyRule refuse groups that do not exist, weights out of range and logins without a secret; the default
    rule is its listener's."""
    modify_listener = models.ELBv2Backend.modify_listener
    modify_rule = models.ELBv2Backend.modify_rule
    validate = models.ELBv2Backend._validate_actions

    def validated(self, actions):
        validate(self, actions)
        for action in actions:
            if not getattr(action, "has_secret", True):
                raise ELBClientError("ValidationError", "A client secret must be specified")
            for group in groups_of(action):
                if group not in self.target_groups:
                    raise models.ActionTargetGroupNotFoundError(group)
            for group in action.data.get("ForwardConfig", {}).get("TargetGroups", []):
                if not 0 <= int(group["Weight"]) <= 999:
                    raise ELBClientError("ValidationError", "A target group's weight must be between 0 and 999")

    def modify_listener_validated(
        self, arn, port=None, protocol=None, ssl_policy=None, certificates=None, actions=None
    ):
        self._validate_actions([models.FakeAction(action) for action in actions or []])
        return modify_listener(self, arn, port, protocol, ssl_policy, certificates, actions)

    def modify_rule_unless_default(self, rule_arn, *args, **kwargs):
        rules = self.describe_rules(listener_arn=None, rule_arns=[rule_arn])
        if rules and rules[0].is_default:
            raise ELBClientError("OperationNotPermitted", f"Default rule '{rule_arn}' cannot be modified")
        return modify_rule(self, rule_arn, *args, **kwargs)

    models.ELBv2Backend._validate_actions = validated
    models.ELBv2Backend.modify_listener = modify_listener_validated
    models.ELBv2Backend.modify_rule = modify_rule_unless_default


MENDS = (
    answer_one_call_after_the_other,
    tell_the_kind_in_the_arn,
    say_actions_in_full,
    keep_the_secrets_of_logins,
    know_who_uses_a_target_group,
    refuse_what_cannot_be,
)
