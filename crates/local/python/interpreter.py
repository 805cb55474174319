"""Three things moto's Step Functions interpreter does otherwise than AWS, put right, and one that it does slowly.

Two concern a Parallel state, which is where a deployment spends its life. Written against the moto of
requirements.txt; `repair` says so when a later moto no longer has what it mends.
"""

import datetime
import functools

from moto.stepfunctions.parser.api import (
    ExecutionAbortedEventDetails,
    ExecutionStatus,
    HistoryEventType,
)
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.backend import execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend


def repair():
    """Call it before moto serves."""
    stop_at_once()
    let_a_branch_time_out()
    read_a_path_once()
    pass_over_what_has_not_begun()


def pass_over_what_has_not_begun():
    """A task token is looked for in the executions that have an environment; one that is just starting has none yet, and no token
    either. moto asks it all the same, and fails."""
    found = StepFunctionsParserBackend._get_executions

    def begun(self, execution_status=None):
        executions = found(self, execution_status)
        if execution_status != ExecutionStatus.RUNNING:
            return executions
        return [one for one in executions if getattr(one.exec_worker, "env", None) is not None]

    StepFunctionsParserBackend._get_executions = begun


def read_a_path_once():
    """A path of a state machine is parsed when it is first used; moto's parser takes longer than everything else in a state."""
    json_path.parse = functools.cache(json_path.parse)


def stop_at_once():
    """StopExecution ends an execution now.

    moto marks it as stopped, but a Parallel state waits for its branches, and a task with a token for its token: the
    execution stays RUNNING for as long. Their threads are left to sleep; what they do after that is not heard.
    """
    stop = execution.Execution.stop
    reflect = execution.BaseExecutionWorkerCommunication._reflect_execution_status

    def stop_now(self, stop_date, error, cause):
        if self.exec_status != ExecutionStatus.RUNNING:
            return
        stop(self, stop_date=stop_date, error=error, cause=cause)
        env = self.exec_worker.env
        if not isinstance(env.program_state(), ProgramStopped):
            return  # it ended in this moment
        details = {key: value for key, value in (("error", error), ("cause", cause)) if value}
        env.event_history_context.source_event_id = 0
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type=HistoryEventType.ExecutionAborted,
            event_details=EventDetails(executionAbortedEventDetails=ExecutionAbortedEventDetails(**details)),
        )
        env.event_manager.add_event = lambda *_, **__: None
        self.error, self.cause = error or None, cause or None
        self.stop_date = datetime.datetime.now(tz=datetime.timezone.utc)
        self.exec_status = ExecutionStatus.ABORTED

    def reflect_once(self):
        if self.execution.exec_status == ExecutionStatus.RUNNING:
            reflect(self)

    execution.Execution.stop = stop_now
    execution.BaseExecutionWorkerCommunication._reflect_execution_status = reflect_once


def let_a_branch_time_out():
    """A branch may fail with one of the language's own errors, as States.Timeout.

    moto takes every error of a branch for one of ours, refuses the name, and fails the execution past its Catch.
    """

    def named(error_name):
        if error_name is not None and error_name.startswith("States."):
            return StatesErrorName.from_name(error_name)
        return CustomErrorName(error_name=error_name)

    if branches_decl.CustomErrorName is not CustomErrorName:
        raise RuntimeError("this moto names the errors of a branch in another way: see interpreter.py")
    branches_decl.CustomErrorName = named
