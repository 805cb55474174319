"""What no linter looks at in a state machine's definition: that its parts fit together."""

import json
import re

SUBSTITUTION = re.compile(r"\$\{(\w+)\}")


def faults(definition, substitutions):
    """Everything that is wrong, each as a sentence."""
    found = [*of_states(definition, "the state machine")]
    used = set(SUBSTITUTION.findall(json.dumps(definition)))
    found += [f"${{{name}}} is used, but DefinitionSubstitutions does not have it" for name in sorted(used - set(substitutions))]
    found += [f"DefinitionSubstitutions has {name}, but nothing uses it" for name in sorted(set(substitutions) - used)]
    return found


def of_states(machine, name):
    states = machine.get("States", {})
    start = machine.get("StartAt")
    reached, waiting = set(), [start]
    if start not in states:
        yield f"{name} starts at {start}, which does not exist"
    while waiting:
        state = waiting.pop()
        if state in states and state not in reached:
            reached.add(state)
            waiting += targets(states[state])
    for state, it in states.items():
        for target in targets(it):
            if target not in states:
                yield f"{state} goes to {target}, which does not exist"
        if state not in reached:
            yield f"no way leads to {state}"
        for number, branch in enumerate(it.get("Branches", []), 1):
            yield from of_states(branch, f"branch {number} of {state}")


def targets(state):
    """The states that may come next."""
    ways = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return [way[key] for way in ways for key in ("Next", "Default") if key in way]
