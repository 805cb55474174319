//! What each function may do: the ports it is given, a list each. The list is all that its code can ask of the world, and
//! `tests/contracts` holds it against the function's role in `template.yaml`.

use crate::ports::{
    AnswerJobs, CallHook, Clock, CoolVersions, CreateTaskSets, DeleteTaskSets, EmptyTaskSets, EndWaits,
    ExpectLateWrites, FailWaits, FindParameters, ForgetLateWrites, HookRuns, Ids, Journal, KeepQuestions, Listing,
    Locks, PromoteTaskSets, Queues, RaiseAlerts, ReadAlarms, ReadAlias, ReadArtifacts, ReadCatalogue, ReadConcurrency,
    ReadExecutions, ReadFunctions, ReadHealth, ReadLateWrites, ReadListeners, ReadLocks, ReadObjects, ReadParameters,
    ReadQuestions, ReadRequests, ReadServiceFacts, ReadServices, ReadStoppedTasks, ReadTargetGroups, Records,
    RegisterTaskDefinitions, RestoreTaskSets, Sequences, StartExecutions, StopExecutions, WarmVersions, Watches,
    WriteAlias, WriteCatalogue, WriteListeners,
};

macro_rules! powers {
    ($($(#[$doc:meta])* $name:ident ($function:literal): $($port:ident)+;)+) => {
        $(
            $(#[$doc])*
            pub trait $name: $($port +)+ {}
            impl<P: $($port +)+> $name for P {}
        )+

        /// The ports of each function, by the name that `Handler` has in `template.yaml`.
        pub const OF_FUNCTIONS: &[(&str, &[&str])] = &[$(($function, &[$(stringify!($port)),+])),+];
    };
}

powers! {
    /// Settles the plan and locks the target.
    Prepare ("prepare"): Clock Records Journal ExpectLateWrites FailWaits FindParameters Locks Queues
        ReadAlarms ReadAlias ReadCatalogue ReadConcurrency ReadExecutions ReadFunctions ReadLateWrites ReadListeners
        ReadLocks ReadObjects ReadServiceFacts ReadServices ReadTargetGroups Sequences;

    /// Keeps the tokens of waits.
    Guard ("guard"): Clock Records Journal EndWaits Queues ReadAlarms ReadLocks Watches;

    /// Calls a hook, with the secrets it is handed.
    Hook ("hook"): Clock Records Journal CallHook EndWaits HookRuns Ids ReadParameters;

    /// Makes the new task set of a service.
    Install ("install"): Clock Records Journal CreateTaskSets DeleteTaskSets PromoteTaskSets ReadAlarms ReadAlias
        ReadHealth ReadListeners ReadServices ReadStoppedTasks WriteAlias WriteListeners;

    /// Moves test traffic.
    TestTraffic ("test_traffic"): Clock Records Journal ReadAlarms ReadAlias ReadListeners WriteListeners;

    /// Waits for a person, around the traffic of a service.
    Wait ("wait"): Clock Records Journal ReadAlarms ReadAlias ReadHealth ReadListeners ReadServices RestoreTaskSets;

    /// Moves production traffic.
    Shift ("shift"): Clock Records Journal PromoteTaskSets ReadAlarms ReadAlias ReadConcurrency ReadFunctions
        ReadHealth ReadListeners ReadServices RestoreTaskSets WarmVersions WriteAlias WriteListeners;

    /// The point of no return.
    Commit ("commit"): Clock Records Journal EndWaits ReadAlias ReadFunctions ReadListeners;

    /// Removes the task set that lost.
    Clear ("clear"): Clock Records Journal DeleteTaskSets EmptyTaskSets PromoteTaskSets ReadHealth ReadListeners
        ReadServices RestoreTaskSets WriteListeners;

    /// Puts the traffic back.
    Rollback ("rollback"): Clock Records Journal ReadAlias ReadHealth ReadListeners ReadServices RestoreTaskSets
        WriteAlias WriteListeners;

    /// Closes the books.
    Finish ("finish"): Clock Records Journal CoolVersions EndWaits ExpectLateWrites Listing Locks Queues RaiseAlerts
        ReadConcurrency ReadLocks ReadRequests Watches;

    /// Hears an alarm's event.
    OnAlarm ("on_alarm"): Clock Records Journal FailWaits ReadAlarms Watches;

    /// Hears what ECS says of a service.
    OnService ("on_service"): Clock Records Journal EndWaits FailWaits ReadLocks ReadServices RestoreTaskSets;

    /// Hears that an execution is over.
    OnExecution ("on_execution"): Clock Records Journal ExpectLateWrites RaiseAlerts StartExecutions;

    /// Looks after open deployments.
    Sweep ("sweep"): Clock Records Journal CoolVersions EndWaits ExpectLateWrites FailWaits ForgetLateWrites Listing
        Locks Queues RaiseAlerts ReadConcurrency ReadExecutions ReadLateWrites ReadListeners ReadLocks ReadQuestions
        ReadServices
        StartExecutions StopExecutions;

    /// Takes a hook's answer.
    HookStatus ("hook_status"): Clock Records Journal EndWaits FailWaits HookRuns;

    /// Starts the deployment of a pipeline's job, and tells the pipeline how it is.
    OnPipelineJob ("on_pipeline_job"): Clock Records Journal AnswerJobs ExpectLateWrites FailWaits Ids KeepQuestions
        Listing Locks Queues ReadArtifacts ReadCatalogue ReadExecutions ReadLocks ReadQuestions ReadRequests
        RegisterTaskDefinitions Sequences StartExecutions WriteCatalogue;

    /// Answers clients.
    Api ("api"): Clock Records Journal EndWaits ExpectLateWrites FailWaits FindParameters HookRuns Ids Listing Locks
        Queues ReadAlarms ReadAlias ReadCatalogue ReadConcurrency ReadExecutions ReadFunctions ReadLateWrites ReadListeners
        ReadLocks ReadObjects ReadRequests ReadServiceFacts ReadServices ReadTargetGroups Sequences
        StartExecutions WriteCatalogue;
}
