import { expect } from "vitest";
import type { Reason } from "./reason.ts";

const name = "app.kubernetes.io/name";
const pod = "spec/template/spec";
const container = `${pod}/containers/healthspan`;

const anyKind = (apiVersion: string, kind: string): readonly Reason[] => [
  ["apiVersion", apiVersion, "the version that the schema of its kind is of"],
  ["kind", kind, "what it is"],
  ["metadata/name", "healthspan", "what the other manifests call it"],
  [`metadata/labels/${name}`, "healthspan", "what selects it"],
];

export const configMap: readonly Reason[] = [
  ...anyKind("v1", "ConfigMap"),
  [
    "data/healthspan.yaml",
    expect.stringContaining("host: 0.0.0.0"),
    "listens on the pod's address, not on its loopback",
  ],
  [
    "data/healthspan.yaml",
    expect.stringContaining("shutdownDelay: 5s"),
    "the Service stops sending requests meanwhile",
  ],
  ["data/healthspan.yaml", expect.stringContaining("store: /var/lib/healthspan/"), "the volume that can be written"],
  ["data/healthspan.yaml", expect.stringMatching(/\/health\/self\/: .*degraded: pass/), "what the start-up probe asks"],
];

export const deployment: readonly Reason[] = [
  ...anyKind("apps/v1", "Deployment"),
  ["metadata/labels/app.kubernetes.io/component", "exporter", "what it is to the cluster"],
  ["spec/replicas", 1, "each replica runs every check"],
  [`spec/selector/matchLabels/${name}`, "healthspan", "its own pods"],
  [`spec/template/metadata/labels/${name}`, "healthspan", "what the Service and the selector look for"],
  ["spec/template/metadata/labels/app.kubernetes.io/component", "exporter", "as the Deployment's"],
  [`${pod}/automountServiceAccountToken`, false, "it asks nothing that needs an account"],
  [`${pod}/enableServiceLinks`, false, "variables of every Service could be taken for settings"],
  [`${pod}/securityContext/runAsNonRoot`, true, "also when the image is replaced"],
  [`${pod}/securityContext/runAsUser`, 1000, "not left to the image"],
  [`${pod}/securityContext/runAsGroup`, 1000, "not root's group"],
  [`${pod}/securityContext/fsGroup`, 1000, "else a volume for the state cannot be written"],
  [
    `${pod}/securityContext/seccompProfile/type`,
    "RuntimeDefault",
    "the restricted profile of pod security asks for it",
  ],
  [`${pod}/terminationGracePeriodSeconds`, 30, "shutdownDelay (5 s) and the stop (9 s), with room"],
  [`${container}/name`, "healthspan", "what kubectl logs asks for"],
  [`${container}/image`, "healthspan", "what kustomization.yaml replaces"],
  [`${container}/args`, ["serve", "/etc/healthspan/healthspan.yaml"], "the mounted file"],
  [`${container}/ports/http/name`, "http", "what probes, Service and monitors name"],
  [`${container}/ports/http/containerPort`, 9464, "where it listens"],
  [`${container}/env/POD_NAME/**`, expect.anything(), "used by OTEL_RESOURCE_ATTRIBUTES"],
  [`${container}/env/POD_NAMESPACE/**`, expect.anything(), "used by OTEL_RESOURCE_ATTRIBUTES"],
  [`${container}/env/OTEL_RESOURCE_ATTRIBUTES/name`, "OTEL_RESOURCE_ATTRIBUTES", "which pod sent a span"],
  [
    `${container}/env/OTEL_RESOURCE_ATTRIBUTES/value`,
    "k8s.pod.name=$(POD_NAME),k8s.namespace.name=$(POD_NAMESPACE)",
    "the conventions' names",
  ],
  [`${container}/envFrom/0/secretRef/name`, "healthspan", "passwords that the configuration names"],
  [`${container}/envFrom/0/secretRef/optional`, true, "there may be none"],
  [`${container}/startupProbe/httpGet/path`, "/health/self/", "it has begun when its own check has passed"],
  [`${container}/startupProbe/periodSeconds`, 2, "ready soon"],
  [`${container}/startupProbe/failureThreshold`, 30, "a minute for a slow node"],
  [`${container}/livenessProbe/httpGet/path`, "/livez", "what it watches never restarts it"],
  [`${container}/livenessProbe/periodSeconds`, 10, "half a minute until a restart"],
  [`${container}/livenessProbe/timeoutSeconds`, 5, "one second is too short for a busy node"],
  [`${container}/readinessProbe/httpGet/path`, "/readyz", "whether it wants to be asked"],
  [`${container}/readinessProbe/periodSeconds`, 5, "not longer than shutdownDelay"],
  [`${container}/readinessProbe/timeoutSeconds`, 5, "one second is too short for a busy node"],
  [`${container}/*/httpGet/port`, "http", "the port by its name"],
  [`${container}/resources/requests/cpu`, "50m", "a few hundred checks"],
  [`${container}/resources/requests/memory`, "128Mi", "what a resting server takes, with room"],
  [
    `${container}/resources/limits/memory`,
    "256Mi",
    "above what a thousand checks take; no limit of processors, which only delays",
  ],
  [`${container}/securityContext/readOnlyRootFilesystem`, true, "it writes to its volumes only"],
  [`${container}/securityContext/allowPrivilegeEscalation`, false, "the restricted profile asks for it"],
  [`${container}/securityContext/capabilities/drop`, ["ALL"], "the restricted profile asks for it"],
  [`${container}/volumeMounts/*/name`, expect.any(String), "the volume of that name"],
  [
    `${container}/volumeMounts/configuration/mountPath`,
    "/etc/healthspan",
    "the folder: a file by itself never changes",
  ],
  [`${container}/volumeMounts/configuration/readOnly`, true, "only read"],
  [`${container}/volumeMounts/cluster-ca/mountPath`, "/var/run/kubernetes", "where the configuration reads it"],
  [`${container}/volumeMounts/cluster-ca/readOnly`, true, "only read"],
  [`${container}/volumeMounts/state/mountPath`, "/var/lib/healthspan", "where store is"],
  [`${container}/volumeMounts/temporary/mountPath`, "/tmp", "Node's compile cache and workers"],
  [`${pod}/volumes/*/name`, expect.any(String), "what the mounts name"],
  [`${pod}/volumes/configuration/configMap/name`, "healthspan", "config-map.yaml"],
  [`${pod}/volumes/cluster-ca/configMap/name`, "kube-root-ca.crt", "every namespace has it"],
  [`${pod}/volumes/*/emptyDir/sizeLimit`, "64Mi", "bounded on the node's disk"],
];

export const networkPolicy: readonly Reason[] = [
  ...anyKind("networking.k8s.io/v1", "NetworkPolicy"),
  [`spec/podSelector/matchLabels/${name}`, "healthspan", "the Deployment's pods"],
  ["spec/policyTypes", ["Ingress", "Egress"], "both ways are limited to what follows"],
  ["spec/ingress/0/ports/0/protocol", "TCP", "HTTP"],
  ["spec/ingress/0/ports/0/port", "http", "the only port that it listens on"],
  ["spec/egress/0/ports/0/protocol", "UDP", "name servers"],
  ["spec/egress/0/ports/0/port", 53, "name servers"],
  ["spec/egress/0/ports/1/protocol", "TCP", "name servers whose answers are long"],
  ["spec/egress/0/ports/1/port", 53, "name servers whose answers are long"],
  ["spec/egress/1/to/0/namespaceSelector", {}, "pods that it watches, which not every network counts among addresses"],
  ["spec/egress/1/to/1/ipBlock/cidr", "0.0.0.0/0", "whatever else it watches"],
  [
    "spec/egress/1/to/1/ipBlock/except",
    ["169.254.0.0/16", "168.63.129.16/32"],
    "where clouds, and Azure apart from them, keep the credentials of their machines",
  ],
  ["spec/egress/1/to/2/ipBlock/cidr", "::/0", "whatever else it watches"],
  [
    "spec/egress/1/to/2/ipBlock/except",
    ["fe80::/10", "fd00:ec2::254/128"],
    "link-local addresses, and where AWS keeps the credentials of its machines",
  ],
];

export const service: readonly Reason[] = [
  ...anyKind("v1", "Service"),
  ["metadata/annotations/prometheus.io/scrape", "true", "found by a Prometheus without the operator"],
  ["metadata/annotations/prometheus.io/port", "9464", "where /metrics is"],
  ["metadata/annotations/prometheus.io/path", "/metrics", "what is scraped"],
  [`spec/selector/${name}`, "healthspan", "the Deployment's pods"],
  ["spec/ports/http/name", "http", "what the ServiceMonitor names"],
  ["spec/ports/http/port", 9464, "the same as the container's"],
  ["spec/ports/http/targetPort", "http", "the container's port by its name"],
];

const monitor = (kind: string, endpoint: string): readonly Reason[] => [
  ...anyKind("monitoring.coreos.com/v1", kind),
  ["spec/jobLabel", name, "the job is then healthspan, which HealthspanDown looks for"],
  [`spec/selector/matchLabels/${name}`, "healthspan", "what it scrapes"],
  [`${endpoint}/port`, "http", "the port by its name"],
  [`${endpoint}/path`, "/metrics", "what is scraped"],
  [`${endpoint}/interval`, "15s", "as often as the checks run"],
  [`${endpoint}/scrapeTimeout`, "10s", "shorter than the interval"],
];

export const serviceMonitor = monitor("ServiceMonitor", "spec/endpoints/0");
export const podMonitor = monitor("PodMonitor", "spec/podMetricsEndpoints/0");

export const kustomization: readonly Reason[] = [
  ["apiVersion", "kustomize.config.k8s.io/v1beta1", "what kubectl apply -k reads"],
  ["kind", "Kustomization", "what it is"],
  ["resources", ["config-map.yaml", "deployment.yaml", "network-policy.yaml", "service.yaml"], "all of the folder"],
  ["images/healthspan/name", "healthspan", "the Deployment's image"],
  ["images/healthspan/newName", "registry.example/healthspan", "to be replaced by your registry"],
  ["images/healthspan/newTag", "0.1.0", "a version, not latest"],
];
