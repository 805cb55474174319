#!/usr/bin/env bash
# Deploys what the inputs of the action say. Every input comes as a variable and goes on as one word, so none can be a command or a
# flag of its own.
set -euo pipefail

wrong() {
    echo "::error title=tideshift::$1"
    exit 2
}

arguments=(deploy)

# Adds a flag where its input has a value.
flag() {
    if [ -n "$2" ]; then arguments+=("$1=$2"); fi
}

application="${INPUT_CODEDEPLOY_APPLICATION:-}"
group="${INPUT_CODEDEPLOY_DEPLOYMENT_GROUP:-}"
service="${INPUT_SERVICE:-}"
cluster="${INPUT_CLUSTER:-default}"
# An ARN ends with both names.
case "$service" in
*:service/*/*)
    path="${service#*:service/}"
    cluster="${path%%/*}"
    service="${path#*/}"
    ;;
esac
cluster="${cluster##*:cluster/}"

if [ -n "$service" ]; then
    if [ -n "${INPUT_TARGET_GROUPS:-}${INPUT_LISTENER:-}" ]; then
        flag --service "$cluster/$service"
    else
        application="${application:-AppECS-$cluster-$service}"
        group="${group:-DgpECS-$cluster-$service}"
    fi
fi

if [ -n "${INPUT_CODEDEPLOY_APPSPEC:-}" ]; then
    flag --appspec "$INPUT_CODEDEPLOY_APPSPEC"
elif [ -n "${INPUT_FUNCTION_NAME:-}" ]; then
    flag --function "$INPUT_FUNCTION_NAME"
    flag --alias "${INPUT_ALIAS:-live}"
    flag --to-version "${INPUT_VERSION:-}"
elif [ -n "${INPUT_TASK_DEFINITION:-}" ] && [ -f "$INPUT_TASK_DEFINITION" ]; then
    wrong "task-definition is a file: register it in a step before, and write what that is called, like web:7"
elif [ -z "${INPUT_TASK_DEFINITION:-}" ]; then
    wrong "write what to deploy: function-name and version, task-definition and service, or codedeploy-appspec"
fi
flag --task-definition "${INPUT_TASK_DEFINITION:-}"
flag --container "${INPUT_CONTAINER_NAME:-}"
flag --port "${INPUT_CONTAINER_PORT:-}"
flag --target-groups "${INPUT_TARGET_GROUPS:-}"
flag --listener "${INPUT_LISTENER:-}"
flag --test-listener "${INPUT_TEST_LISTENER:-}"
flag --application "$application"
flag --group "$group"
flag --config "${INPUT_CODEDEPLOY_DEPLOYMENT_CONFIG:-}"
flag --description "${INPUT_CODEDEPLOY_DEPLOYMENT_DESCRIPTION:-}"
flag --steps "${INPUT_STEPS:-}"
flag --before-hook "${INPUT_BEFORE_HOOK:-}"
flag --after-hook "${INPUT_AFTER_HOOK:-}"
flag --stack "${INPUT_STACK:-}"
while IFS= read -r alarm; do
    # Without the blanks around it.
    alarm="${alarm#"${alarm%%[![:space:]]*}"}"
    alarm="${alarm%"${alarm##*[![:space:]]}"}"
    flag --alarm "$alarm"
done <<<"${INPUT_ALARMS:-}"

case "${INPUT_WAIT_FOR_SERVICE_STABILITY:-true}" in
true) arguments+=(--watch) ;;
false) exec tideshift "${arguments[@]}" ;;
*) wrong "wait-for-service-stability is true or false" ;;
esac

minutes="${INPUT_WAIT_FOR_MINUTES:-}"
case "$minutes" in
"") exec tideshift "${arguments[@]}" ;;
*[!0-9]* | 0*) wrong "wait-for-minutes is a whole number of minutes" ;;
esac

tideshift "${arguments[@]}" &
watched=$!
# A job that is cancelled tells this shell, which tells tideshift; the deployment goes on.
trap 'kill -INT "$watched"' INT TERM
# Nothing of the clock may hold the log open when the watch is over before it.
(
    sleep "$((minutes * 60))"
    # Until it has heard it.
    while kill -INT "$watched"; do sleep 1; done
) </dev/null >/dev/null 2>&1 &
clock=$!
code=0
wait "$watched" || code=$?
# After a signal to this shell, the end of the watch is yet to come.
if kill -0 "$watched" 2>/dev/null; then
    code=0
    wait "$watched" || code=$?
fi
kill "$clock" 2>/dev/null || true
exit "$code"
