"""A stock CodeDeploy client against Tideshift: every operation of the API, with good and with bad input.

    python suite.py MODULE...        runs these modules; without one, all of them

Set by the environment:

    AWS_ENDPOINT_URL         where CodeDeploy and Lambda are; with the usual AWS_REGION and credentials
    SUITE_PROTOCOL           how the clients speak to CodeDeploy: json, which is what they prefer, or smithy-rpc-v2-cbor
    SUITE_FUNCTION           a function with the versions 1 and 2 and the alias `live`, which the suite moves
    SUITE_SERVICE            a service, its cluster (SUITE_CLUSTER), its two target groups (SUITE_TARGET_GROUPS, with a comma), the
                             listeners in front of them (SUITE_LISTENER, SUITE_TEST_LISTENER), and its container
                             (SUITE_CONTAINER, like web:8080); its task definitions are called like it, and the revisions 1
                             and 2 are good (module `services`)
    SUITE_HOOK               a hook that calls back, first with mistakes, then with `Succeeded` (module `waiting`)
    SUITE_REFUSING_HOOK      a hook that refuses (module `waiting`)

Every test makes its own application, and gives back the alias as it was: on version 1. A module is whole when each of the
operations it is about was answered at least once and refused at least once with an error that the model lists for it.
"""

import sys
import unittest

import stage

MODULES = [
    "applications",
    "configs",
    "groups",
    "revisions",
    "tags",
    "instances",
    "deployments",
    "objects",
    "targets",
    "services",
    "waiting",
    "pages",
]


def operations(name):
    """The operations a module is about, and those of them that cannot be answered or refused."""
    module = __import__(name)
    return module.OPERATIONS, getattr(module, "NEVER_ANSWERED", []), getattr(module, "NEVER_REFUSED", [])


class Whole(unittest.TestCase):
    """Runs last: what the modules before it have asked for."""

    names = []

    def test_each_operation_was_answered_and_refused_as_the_model_says(self):
        for name in self.names:
            wanted, never_answered, never_refused = operations(name)
            for operation in wanted:
                with self.subTest(operation=operation):
                    if operation not in never_answered:
                        self.assertIn(operation, stage.ANSWERED)
                    if operation not in never_refused:
                        self.assertTrue(stage.REFUSED.get(operation), f"{operation} was never refused")
        for operation, codes in stage.REFUSED.items():
            modelled = stage.modelled(operation)
            with self.subTest(operation=operation):
                self.assertEqual(codes - modelled - stage.COMMON, set(), "errors that the model does not list")

    def test_the_modules_are_about_every_operation_of_the_model(self):
        listed = [operation for name in MODULES for operation in operations(name)[0]]
        self.assertEqual(len(listed), len(set(listed)), "an operation is two modules' business")
        self.assertEqual(set(listed), set(stage.operation_names()))


def main(names):
    names = names or MODULES
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        sys.exit(f"there is no module {unknown[0]}: write one of {', '.join(MODULES)}")
    Whole.names = names
    loader = unittest.defaultTestLoader
    tests = [loader.loadTestsFromName(name) for name in names]
    whole = unittest.TestSuite([*tests, loader.loadTestsFromTestCase(Whole)])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(whole)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
