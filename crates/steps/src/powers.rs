//! What each function may do: the ports it is given, a list each. The list is all that its code can ask of the world, and
//! `tests/contracts` holds it against the function's role in `template.yaml`.

use crate::ports::{
    CallHook, Catalogue, Clock, CreateTaskSets, EndWaits, FindParameters, HookRuns, Ids, Journal, LateWrites, Listing,
    Locks, PromoteTaskSets, RaiseAlerts, ReadAlarms, ReadAlias, ReadExecutions, ReadFunctions, ReadListeners,
    ReadObjects, ReadParameters, ReadServices, Records, RemoveTaskSets, RestoreTaskSets, StartExecutions,
    StopExecutions, WarmVersions, Watches, WriteAlias, WriteListeners,
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
    Prepare ("prepare"): Records Journal Locks Catalogue LateWrites ReadAlias ReadFunctions ReadServices
        ReadListeners ReadObjects ReadAlarms FindParameters ReadExecutions Clock;

    /// Keeps the tokens of waits.
    Guard ("guard"): Records Journal Watches ReadAlarms EndWaits Clock;

    /// Calls a hook, with the secrets it is handed.
    Hook ("hook"): Records Journal HookRuns ReadParameters CallHook EndWaits Clock Ids;

    /// Makes the new task set of a service.
    Install ("install"): Records Journal ReadAlias WriteAlias ReadListeners WriteListeners ReadServices
        CreateTaskSets PromoteTaskSets RemoveTaskSets ReadAlarms Clock;

    /// Moves test traffic.
    TestTraffic ("test_traffic"): Records Journal ReadAlias WriteAlias ReadListeners WriteListeners ReadAlarms
        Clock;

    /// Waits for a person, around the traffic of a service.
    Wait ("wait"): Records Journal ReadAlias ReadListeners ReadServices RestoreTaskSets ReadAlarms Clock;

    /// Moves production traffic.
    Shift ("shift"): Records Journal ReadAlias WriteAlias ReadFunctions WarmVersions ReadListeners WriteListeners
        ReadServices PromoteTaskSets RestoreTaskSets ReadAlarms Clock;

    /// The point of no return.
    Commit ("commit"): Records Journal ReadAlias ReadFunctions ReadListeners EndWaits Clock;

    /// Removes the task set that lost.
    Clear ("clear"): Records Journal ReadServices PromoteTaskSets RemoveTaskSets RestoreTaskSets ReadListeners
        WriteListeners Clock;

    /// Puts the traffic back.
    Rollback ("rollback"): Records Journal ReadAlias WriteAlias ReadListeners WriteListeners ReadServices
        RestoreTaskSets Clock;

    /// Closes the books.
    Finish ("finish"): Records Journal Locks Watches LateWrites WarmVersions RaiseAlerts Clock;

    /// Hears an alarm's event.
    OnAlarm ("on_alarm"): Records Journal Watches ReadAlarms EndWaits Clock;

    /// Hears what ECS says of a service.
    OnService ("on_service"): Records Locks Journal ReadServices RestoreTaskSets EndWaits Clock;

    /// Hears that an execution is over.
    OnExecution ("on_execution"): Records Journal LateWrites StartExecutions RaiseAlerts Clock;

    /// Looks after open deployments.
    Sweep ("sweep"): Records Journal Listing Locks LateWrites ReadServices ReadListeners WarmVersions
        ReadExecutions StartExecutions StopExecutions EndWaits RaiseAlerts Clock;

    /// Takes a hook's answer.
    HookStatus ("hook_status"): HookRuns Journal Records EndWaits Clock;

    /// Answers clients.
    Api ("api"): Records Journal Listing Locks LateWrites HookRuns Catalogue ReadAlias ReadFunctions ReadObjects
        ReadServices ReadListeners ReadAlarms FindParameters EndWaits ReadExecutions StartExecutions Clock Ids;
}
