//! What ECS takes for a task definition, by its own model, and what it only tells of one. A contract test holds it against the model
//! that the pinned clients carry.

/// What a member holds.
#[derive(Debug)]
pub enum Shape {
    /// A value, or a map of a user's own names.
    Plain,
    /// Members of these names.
    Members(&'static [(&'static str, Shape)]),
    /// A list of such.
    List(&'static Shape),
}

use Shape::{List, Members, Plain};

/// What DescribeTaskDefinition tells and RegisterTaskDefinition does not take.
pub const ONLY_TOLD: &[&str] = &[
    "compatibilities",
    "deleteRequestedAt",
    "deregisteredAt",
    "registeredAt",
    "registeredBy",
    "requiresAttributes",
    "revision",
    "status",
    "taskDefinitionArn",
];

/// The members of a request.
pub const REQUEST: Shape = Members(&[
    ("family", Plain),
    ("taskRoleArn", Plain),
    ("executionRoleArn", Plain),
    ("networkMode", Plain),
    (
        "containerDefinitions",
        List(&Members(&[
            ("name", Plain),
            ("image", Plain),
            ("repositoryCredentials", Members(&[("credentialsParameter", Plain)])),
            ("cpu", Plain),
            ("memory", Plain),
            ("memoryReservation", Plain),
            ("links", Plain),
            (
                "portMappings",
                List(&Members(&[
                    ("containerPort", Plain),
                    ("hostPort", Plain),
                    ("protocol", Plain),
                    ("name", Plain),
                    ("appProtocol", Plain),
                    ("containerPortRange", Plain),
                ])),
            ),
            ("essential", Plain),
            (
                "restartPolicy",
                Members(&[("enabled", Plain), ("ignoredExitCodes", Plain), ("restartAttemptPeriod", Plain)]),
            ),
            ("entryPoint", Plain),
            ("command", Plain),
            ("environment", List(&Members(&[("name", Plain), ("value", Plain)]))),
            ("environmentFiles", List(&Members(&[("value", Plain), ("type", Plain)]))),
            ("mountPoints", List(&Members(&[("sourceVolume", Plain), ("containerPath", Plain), ("readOnly", Plain)]))),
            ("volumesFrom", List(&Members(&[("sourceContainer", Plain), ("readOnly", Plain)]))),
            (
                "linuxParameters",
                Members(&[
                    ("capabilities", Members(&[("add", Plain), ("drop", Plain)])),
                    (
                        "devices",
                        List(&Members(&[("hostPath", Plain), ("containerPath", Plain), ("permissions", Plain)])),
                    ),
                    ("initProcessEnabled", Plain),
                    ("sharedMemorySize", Plain),
                    ("tmpfs", List(&Members(&[("containerPath", Plain), ("size", Plain), ("mountOptions", Plain)]))),
                    ("maxSwap", Plain),
                    ("swappiness", Plain),
                ]),
            ),
            ("secrets", List(&Members(&[("name", Plain), ("valueFrom", Plain)]))),
            ("dependsOn", List(&Members(&[("containerName", Plain), ("condition", Plain)]))),
            ("startTimeout", Plain),
            ("stopTimeout", Plain),
            ("versionConsistency", Plain),
            ("hostname", Plain),
            ("user", Plain),
            ("workingDirectory", Plain),
            ("disableNetworking", Plain),
            ("privileged", Plain),
            ("readonlyRootFilesystem", Plain),
            ("dnsServers", Plain),
            ("dnsSearchDomains", Plain),
            ("extraHosts", List(&Members(&[("hostname", Plain), ("ipAddress", Plain)]))),
            ("dockerSecurityOptions", Plain),
            ("interactive", Plain),
            ("pseudoTerminal", Plain),
            ("dockerLabels", Plain),
            ("ulimits", List(&Members(&[("name", Plain), ("softLimit", Plain), ("hardLimit", Plain)]))),
            (
                "logConfiguration",
                Members(&[
                    ("logDriver", Plain),
                    ("options", Plain),
                    ("secretOptions", List(&Members(&[("name", Plain), ("valueFrom", Plain)]))),
                ]),
            ),
            (
                "healthCheck",
                Members(&[
                    ("command", Plain),
                    ("interval", Plain),
                    ("timeout", Plain),
                    ("retries", Plain),
                    ("startPeriod", Plain),
                ]),
            ),
            ("systemControls", List(&Members(&[("namespace", Plain), ("value", Plain)]))),
            (
                "resourceRequirements",
                List(&Members(&[
                    ("value", Plain),
                    ("type", Plain),
                    (
                        "sharingStrategy",
                        Members(&[("nvidiaMps", Members(&[("memory", Plain), ("maxComputePercent", Plain)]))]),
                    ),
                ])),
            ),
            ("firelensConfiguration", Members(&[("type", Plain), ("options", Plain)])),
            ("credentialSpecs", Plain),
        ])),
    ),
    (
        "volumes",
        List(&Members(&[
            ("name", Plain),
            ("host", Members(&[("sourcePath", Plain)])),
            (
                "dockerVolumeConfiguration",
                Members(&[
                    ("scope", Plain),
                    ("autoprovision", Plain),
                    ("driver", Plain),
                    ("driverOpts", Plain),
                    ("labels", Plain),
                ]),
            ),
            (
                "efsVolumeConfiguration",
                Members(&[
                    ("fileSystemId", Plain),
                    ("rootDirectory", Plain),
                    ("transitEncryption", Plain),
                    ("transitEncryptionPort", Plain),
                    ("authorizationConfig", Members(&[("accessPointId", Plain), ("iam", Plain)])),
                ]),
            ),
            (
                "s3filesVolumeConfiguration",
                Members(&[
                    ("fileSystemArn", Plain),
                    ("rootDirectory", Plain),
                    ("transitEncryptionPort", Plain),
                    ("accessPointArn", Plain),
                ]),
            ),
            (
                "fsxWindowsFileServerVolumeConfiguration",
                Members(&[
                    ("fileSystemId", Plain),
                    ("rootDirectory", Plain),
                    ("authorizationConfig", Members(&[("credentialsParameter", Plain), ("domain", Plain)])),
                ]),
            ),
            ("configuredAtLaunch", Plain),
        ])),
    ),
    ("placementConstraints", List(&Members(&[("type", Plain), ("expression", Plain)]))),
    ("requiresCompatibilities", Plain),
    ("cpu", Plain),
    ("memory", Plain),
    ("tags", List(&Members(&[("key", Plain), ("value", Plain)]))),
    ("pidMode", Plain),
    ("ipcMode", Plain),
    (
        "proxyConfiguration",
        Members(&[
            ("type", Plain),
            ("containerName", Plain),
            ("properties", List(&Members(&[("name", Plain), ("value", Plain)]))),
        ]),
    ),
    ("inferenceAccelerators", List(&Members(&[("deviceName", Plain), ("deviceType", Plain)]))),
    ("ephemeralStorage", Members(&[("sizeInGiB", Plain)])),
    ("runtimePlatform", Members(&[("cpuArchitecture", Plain), ("operatingSystemFamily", Plain)])),
    ("enableFaultInjection", Plain),
    ("trustedExecutionConfiguration", Members(&[("isolationMode", Plain), ("attestationPolicy", Plain)])),
]);
