"""What moto's Step Functions interpreter does otherwise than AWS, put right, and what it does slowly or keeps for ever.

Two concern a Parallel state, which is where a deployment spends its life.
"""

import collections
import datetime
import threading
import time

from moto.stepfunctions.parser.api import (
    ExecutionAbortedEventDetails,
    ExecutionStatus,
    HistoryEventType,
    TaskDoesNotExist,
    TaskTimedOut,
)
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackEndpoint
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped
from moto.stepfunctions.parser.asl.utils import json_path
from moto.core.responses import EmptyResult
from moto.stepfunctions.exceptions import ExecutionDoesNotExist
from moto.stepfunctions.responses import StepFunctionResponse
from moto.stepfunctions.parser import utils
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.backend import execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

# An execution that is over keeps its history for as long, or while it is among so many newest.
KEPT_SECONDS = 180
KEPT_NEWEST = 50

# What Step Functions says of a token that was answered before.
TOKEN_IS_OVER = "Task Timed Out: 'Provided task does not exist anymore'"


def look_for_tokens_where_they_can_be():
    """A task token is looked for in the executions that have an environment; one that is just starting has none yet, one that ended
    long ago has none any more. moto asks them all the same, and fails."""
    found = StepFunctionsParserBackend._get_executions

    def with_environment(self, execution_status=None):
        executions = found(self, execution_status)
        return [one for one in executions if getattr(one.exec_worker, "env", None) is not None]

    StepFunctionsParserBackend._get_executions = with_environment


def take_one_answer_of_a_token():
    """A token takes one answer. moto lets a second one take the place of the first until the execution has looked."""
    notify = CallbackEndpoint.notify

    def notify_once(self, outcome):
        if self._outcome is not None:
            raise TaskTimedOut(TOKEN_IS_OVER)
        notify(self, outcome)

    CallbackEndpoint.notify = notify_once


def name_what_became_of_a_token():
    """The error says by its type that a token was answered before, or that nobody waits for it. moto's has a message only, and where
    moto raises it, not even that."""
    for error in (TaskDoesNotExist, TaskTimedOut):
        made = error.__init__
        error.TYPE = error.code
        error.__init__ = lambda self, message=TOKEN_IS_OVER, made=made: made(self, message)


def hand_on_why_a_token_failed():
    """SendTaskFailure has a cause, which the state machine is told. moto drops it."""

    def send_task_failure(self):
        token, error, cause = (self._get_param(name) for name in ("taskToken", "error", "cause"))
        self.stepfunction_backend.send_task_failure(token, error=error, cause=cause)
        return EmptyResult()

    StepFunctionResponse.send_task_failure = send_task_failure


def read_a_definition_once():
    """A definition is parsed when its first execution starts. moto parses it again for each, a third of a second of one
    processor; what comes out is only read: what an execution changes is in its environment."""
    parsed = once(lambda definition: AmazonStateLanguageParser.parse(definition)[0])

    def program(self):
        return parsed(self._evaluation_details.state_machine_details.definition)

    if not hasattr(ExecutionWorker, "_get_evaluation_entrypoint"):
        raise RuntimeError("this moto reads a definition in another way: see interpreter.py")
    ExecutionWorker._get_evaluation_entrypoint = program


def forget_what_is_over():
    """An execution that is over leaves no thread behind, and after a while no history.

    moto keeps every thread it ever started, with all it worked on, and one that waits for a token in a branch that was given up
    waits on. An execution itself stays, since its name must not be used again.
    """
    ended = collections.deque()
    communication = execution.BaseExecutionWorkerCommunication
    terminated = communication.terminated
    history = execution.Execution.to_history_output

    def over(self):
        terminated(self)
        release(self.execution)
        utils.TMP_THREADS.clear()
        ended.append((time.monotonic(), self.execution))
        while len(ended) > KEPT_NEWEST and ended[0][0] < time.monotonic() - KEPT_SECONDS:
            try:
                _, old = ended.popleft()
            except IndexError:
                return  # another thread was quicker
            old.exec_worker = None

    def history_if_kept(self):
        if self.exec_worker is None and self.exec_status != ExecutionStatus.RUNNING:
            raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{self.exec_arn}'")
        return history(self)

    communication.terminated = over
    execution.Execution.to_history_output = history_if_kept


def release(execution):
    """Ends the waits for tokens that nobody needs any more; what their threads say after that is not heard."""
    env = execution.exec_worker.env
    env.event_manager.add_event = lambda *_, **__: None
    for endpoint in list(env.callback_pool_manager._pool.values()):
        endpoint.interrupt_all()


def once(parse):
    """What was parsed is kept. Hundreds of executions that begin together wait for the first one, and do not all parse the same."""
    parsed = {}
    one_at_a_time = threading.Lock()

    def kept(text):
        if text not in parsed:
            with one_at_a_time:
                if text not in parsed:
                    parsed[text] = parse(text)
        return parsed[text]

    return kept


def read_a_path_once():
    """A path of a state machine is parsed when it is first used; moto's parser takes longer than everything else in a state."""
    json_path.parse = once(json_path.parse)
    result_path.parse = once(result_path.parse)


def stop_at_once():
    """StopExecution ends an execution now.

    moto marks it as stopped, but a Parallel state waits for its branches, and a task with a token for its token: the
    execution stays RUNNING for as long. Their threads are left to sleep; what they do after that is not heard. In the first
    moment of an execution, before its thread has come to its first state, moto answers 500 or forgets the stop.
    """
    stop = execution.Execution.stop
    reflect = execution.BaseExecutionWorkerCommunication._reflect_execution_status

    def stop_now(self, stop_date, error, cause):
        until_it_runs(self)
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

    def until_it_runs(self):
        for _ in range(6000):
            worker = self.exec_worker
            if worker is not None and worker.env is not None and worker.env.program_state() is not None:
                return
            time.sleep(0.01)

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


MENDS = (
    stop_at_once,
    let_a_branch_time_out,
    read_a_path_once,
    read_a_definition_once,
    look_for_tokens_where_they_can_be,
    take_one_answer_of_a_token,
    name_what_became_of_a_token,
    hand_on_why_a_token_failed,
    forget_what_is_over,
)
