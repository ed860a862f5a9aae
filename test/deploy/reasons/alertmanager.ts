import type { Reason } from "./reason.ts";

export const alertmanager: readonly Reason[] = [
  ["receivers/on-call/name", "on-call", "woken up"],
  ["receivers/team/name", "team", "reads in the morning"],
  ["receivers/nobody/name", "nobody", "alerts that only silence others"],
  ["route/receiver", "team", "what no other route takes"],
  ["route/group_by", ["job", "check", "health_check_name"], "a message for each check, wherever it runs"],
  ["route/group_wait", "30s", "what begins together is one message"],
  ["route/group_interval", "5m", "what joins later is another"],
  ["route/repeat_interval", "12h", "once in the morning and once in the evening"],
  ["route/routes/0/matchers", ['severity="none"'], "alerts that only silence others"],
  ["route/routes/0/receiver", "nobody", "alerts that only silence others"],
  ["route/routes/1/matchers", ['severity="critical"'], "what wakes somebody"],
  ["route/routes/1/receiver", "on-call", "what wakes somebody"],
  ["route/routes/1/repeat_interval", "1h", "not forgotten"],
  ["inhibit_rules/0/source_matchers", ['alertname="HealthCheckSkipped"'], "waits for what has an alert of its own"],
  [
    "inhibit_rules/0/target_matchers",
    ['alertname=~"HealthCheck.+"', 'alertname!="HealthCheckSkipped"'],
    "whatever else is wrong with the skipped check, and not itself",
  ],
  [
    "inhibit_rules/0/equal",
    ["job", "instance", "check", "health_check_name"],
    "of the same check of the same instance",
  ],
  ["inhibit_rules/1/source_matchers", ['alertname="HealthCheckDownInMostRegions"'], "says what each region would say"],
  [
    "inhibit_rules/1/target_matchers",
    ['alertname=~"HealthCheckFailing|HealthCheckFlapping|HealthCheckErrorBudgetBurn"'],
    "what each region would say",
  ],
  ["inhibit_rules/1/equal", ["job", "check", "health_check_name"], "in every region"],
  ["inhibit_rules/2/source_matchers", ['alertname="HealthCheckFailing"'], "it is down"],
  [
    "inhibit_rules/2/target_matchers",
    ['alertname=~"HealthCheckFlapping|HealthCheckSlow|HealthCheckErrorBudgetBurn"'],
    "changes nothing while it is down",
  ],
  ["inhibit_rules/2/equal", ["job", "instance", "check", "health_check_name"], "flapping elsewhere is another matter"],
  ["inhibit_rules/3/source_matchers", ['alertname="HealthspanDown"'], "nobody knows anything then"],
  [
    "inhibit_rules/3/target_matchers",
    ['alertname=~"HealthCheck.+|Healthspan(ConfigReload|Notices).+"'],
    "old knowledge",
  ],
  ["inhibit_rules/3/equal", ["job", "instance"], "of that instance"],
];
