//! Fields that are refused: each with its place, and what to write instead.

use expect_test::expect;

use super::{all, changed, check, parse, with};

#[test]
fn a_misspelt_key_gets_the_nearest_known_one() {
    changed(
        "Alias",
        "Alais",
        expect!["line 7, Resources[0].Storefront.Properties.Alais: unknown key; did you mean Alias?"],
    );
    changed(
        "TargetVersion",
        "targetversoin",
        expect!["line 9, Resources[0].Storefront.Properties.targetversoin: unknown key; did you mean TargetVersion?"],
    );
    changed(
        "Name",
        "FunctionName",
        expect!["line 6, Resources[0].Storefront.Properties.FunctionName: unknown key; did you mean Name?"],
    );
    changed("Resources", "Resource", expect!["line 2, Resource: unknown key; did you mean Resources?"]);
    changed("Hooks", "Hoks", expect!["line 10, Hoks: unknown key; did you mean Hooks?"]);
    changed(
        "BeforeAllowTraffic",
        "BeforeAllowTrafic",
        expect!["line 11, Hooks[0].BeforeAllowTrafic: unknown event; did you mean BeforeAllowTraffic?"],
    );
    changed("version: 0.0", "verzion: 0.0", expect!["line 1, verzion: unknown key; did you mean version?"]);
    changed(
        "Type",
        "Colour",
        expect![[r#"
        line 4, Resources[0].Storefront.Colour: unknown key; known here: Type, Properties
        line 4, Resources[0].Storefront.Type: missing: write AWS::Lambda::Function"#]],
    );
}

#[test]
fn a_missing_key() {
    all(
        &["version: 0.0\n", "Resources: []\n"],
        expect![[r#"
        "version: 0.0\n"
        line 1, Resources: missing: write a list with the function to move

        "Resources: []\n"
        line 1, version: missing: write version: 0.0
        line 1, Resources: no resource: write one, with Type and Properties

    "#]],
    );
    changed(
        "        Alias: live\n",
        "",
        expect!["line 6, Resources[0].Storefront.Properties.Alias: missing: write the alias to move, such as live"],
    );
    changed(
        "        Name: storefront\n        Alias: live\n",
        "",
        expect![[r#"
        line 6, Resources[0].Storefront.Properties.Name: missing: write the name of the function
        line 6, Resources[0].Storefront.Properties.Alias: missing: write the alias to move, such as live"#]],
    );
    changed(
        "      Type: AWS::Lambda::Function\n",
        "",
        expect!["line 4, Resources[0].Storefront.Type: missing: write AWS::Lambda::Function"],
    );
}

#[test]
fn a_key_written_twice() {
    changed(
        "        Alias: live\n",
        "        Alias: live\n        alias: test\n",
        expect!["line 8, Resources[0].Storefront.Properties.alias: written twice, first on line 7: keep one"],
    );
    changed(
        "version: 0.0\n",
        "version: 0.0\nversion: 0.0\n",
        expect!["line 2, version: written twice, first on line 1: keep one"],
    );
}

#[test]
fn a_wrong_type() {
    changed(
        "version: 0.0",
        "version: [0.0]",
        expect!["line 1, version: expected 0.0, the one version of the AppSpec format, found a list"],
    );
    changed(
        "storefront",
        "17",
        expect![
            "line 6, Resources[0].Storefront.Properties.Name: expected the name of the function, found the number `17`; put it in quotes if it is meant"
        ],
    );
    changed(
        "storefront",
        "{Ref: Function}",
        expect![
            "line 6, Resources[0].Storefront.Properties.Name: CloudFormation's functions (Ref, Fn::…) work in templates only: write the value out, or have the build put it in"
        ],
    );
    changed(
        "live",
        "true",
        expect![
            "line 7, Resources[0].Storefront.Properties.Alias: expected the name of an alias, such as live, found true"
        ],
    );
    changed(
        "live",
        "",
        expect![
            "line 7, Resources[0].Storefront.Properties.Alias: expected the name of an alias, such as live, found nothing"
        ],
    );
    changed(
        "TargetVersion: 2",
        "TargetVersion: [2]",
        expect![
            "line 9, Resources[0].Storefront.Properties.TargetVersion: expected the number of a published version, found a list"
        ],
    );
}

#[test]
fn an_item_or_a_resource_of_a_wrong_type() {
    changed(
        "- BeforeAllowTraffic: check",
        "- check",
        expect![
            "line 11, Hooks[0]: expected an event and its function, such as BeforeAllowTraffic: function-name, found `check`"
        ],
    );
    all(
        &[
            "version: 0.0\nResources: {Storefront: {}}\n",
            "version: 0.0\nResources: [Storefront]\n",
            "version: 0.0\nResources: [{Storefront: 1}]\n",
        ],
        expect![[r#"
            "version: 0.0\nResources: {Storefront: {}}\n"
            line 2, Resources: expected a list with one resource, such as - Storefront: with Type and Properties in it, found a map: put a dash and a space before Storefront

            "version: 0.0\nResources: [Storefront]\n"
            line 2, Resources[0]: expected a map from the resource's name to its Type and Properties, found `Storefront`

            "version: 0.0\nResources: [{Storefront: 1}]\n"
            line 2, Resources[0].Storefront: expected a map with Type and Properties, found the number `1`

        "#]],
    );
}

#[test]
fn a_wrong_name() {
    changed(
        "storefront",
        "storefront:live",
        expect![
            "line 6, Resources[0].Storefront.Properties.Name: `storefront:live` is not a function name: leave the qualifier off and write storefront; alias and versions are given on their own"
        ],
    );
    changed(
        "storefront",
        "\"arn:aws:lambda:eu-west-1:111122223333:function:storefront:3\"",
        expect![
            "line 6, Resources[0].Storefront.Properties.Name: `arn:aws:lambda:eu-west-1:111122223333:function:storefront:3` is not a function name: leave the qualifier off and write storefront; alias and versions are given on their own"
        ],
    );
    changed(
        "storefront",
        "store front",
        expect![
            "line 6, Resources[0].Storefront.Properties.Name: `store front` is not a function name: write 1 to 64 of A-Z a-z 0-9 - _"
        ],
    );
    changed(
        "live",
        "\"1\"",
        expect![
            "line 7, Resources[0].Storefront.Properties.Alias: `1` is not an alias name: only digits would be a version; write the alias, such as live"
        ],
    );
}

#[test]
fn a_wrong_version() {
    changed(
        "TargetVersion: 2",
        "TargetVersion: $LATEST",
        expect![
            "line 9, Resources[0].Storefront.Properties.TargetVersion: `$LATEST` is not a version: an alias cannot be shifted to or from it; publish a version and write its number"
        ],
    );
    changed(
        "CurrentVersion: 1",
        "CurrentVersion: \"$LATEST\"",
        expect![
            "line 8, Resources[0].Storefront.Properties.CurrentVersion: `$LATEST` is not a version: an alias cannot be shifted to or from it; publish a version and write its number"
        ],
    );
    changed(
        "TargetVersion: 2",
        "TargetVersion: 0",
        expect![
            "line 9, Resources[0].Storefront.Properties.TargetVersion: `0` is not a version: write the number of a published version, such as 3"
        ],
    );
    changed(
        "TargetVersion: 2",
        "TargetVersion: 2.0",
        expect![
            "line 9, Resources[0].Storefront.Properties.TargetVersion: `2.0` is not a version: write the number of a published version, such as 3"
        ],
    );
    changed(
        "TargetVersion: 2",
        "TargetVersion: -2",
        expect![
            "line 9, Resources[0].Storefront.Properties.TargetVersion: `-2` is not a version: write the number of a published version, such as 3"
        ],
    );
    changed(
        "TargetVersion: 2",
        "TargetVersion: live",
        expect![
            "line 9, Resources[0].Storefront.Properties.TargetVersion: `live` is not a version: write the number of a published version, such as 3"
        ],
    );
    changed(
        "TargetVersion: 2",
        "TargetVersion: 99999999999999999999",
        expect![
            "line 9, Resources[0].Storefront.Properties.TargetVersion: `99999999999999999999` is not a version: write the number of a published version, such as 3"
        ],
    );
}

#[test]
fn a_resource_that_is_no_function() {
    changed(
        "AWS::Lambda::Function",
        "AWS::Serverless::Function",
        expect![
            "line 4, Resources[0].Storefront.Type: expected AWS::Lambda::Function, found `AWS::Serverless::Function`"
        ],
    );
}

#[test]
fn more_or_less_than_one_resource() {
    let two = "  - Other:\n      Type: AWS::Lambda::Function\n";
    changed(
        "  - Storefront",
        &format!("{two}  - Storefront"),
        expect!["line 3, Resources: two resources: one deployment moves one alias; make two deployments"],
    );
    all(
        &[
            "version: 0.0\nResources: []\n",
            "version: 0.0\nResources: [{}]\n",
            "version: 0.0\nResources: [{A: {}, B: {}, C: {}}]\n",
            "version: 0.0\nResources: [{}, {A: {}}]\n",
        ],
        expect![[r#"
            "version: 0.0\nResources: []\n"
            line 2, Resources: no resource: write one, with Type and Properties

            "version: 0.0\nResources: [{}]\n"
            line 2, Resources: no resource: write one, with Type and Properties

            "version: 0.0\nResources: [{A: {}, B: {}, C: {}}]\n"
            line 2, Resources: 3 resources: one deployment moves one alias; make 3 deployments

            "version: 0.0\nResources: [{}, {A: {}}]\n"
            line 2, Resources: an empty item beside the resource: leave it out

        "#]],
    );
}

#[test]
fn an_appspec_of_another_platform() {
    all(
        &[
            "version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /var/www\nhooks:\n  AfterInstall:\n    - location: a.sh\n",
            "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: arn\n        \
             LoadBalancerInfo: {ContainerName: web, ContainerPort: 80}\nHooks:\n  - BeforeInstall: check\n",
        ],
        expect![[r#"
            "version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /var/www\nhooks:\n  AfterInstall:\n    - location: a.sh\n"
            line 2, os: this is an AppSpec for EC2/on-premises, and this deployment is for Lambda: write version, Resources with the function to move, and Hooks

            "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: arn\n        LoadBalancerInfo: {ContainerName: web, ContainerPort: 80}\nHooks:\n  - BeforeInstall: check\n"
            line 4, Resources[0].TargetService.Type: this is an AppSpec for ECS, and this deployment is for Lambda: write AWS::Lambda::Function with the properties Name, Alias, CurrentVersion and TargetVersion

        "#]],
    );
    changed(
        "BeforeAllowTraffic",
        "AfterAllowTestTraffic",
        expect![
            "line 11, Hooks[0].AfterAllowTestTraffic: belongs into an AppSpec for ECS, and this deployment is for Lambda: leave it out"
        ],
    );
    changed(
        "BeforeAllowTraffic",
        "BeforeInstall",
        expect![
            "line 11, Hooks[0].BeforeInstall: belongs into an AppSpec for ECS or EC2/on-premises, and this deployment is for Lambda: leave it out"
        ],
    );
    changed(
        "BeforeAllowTraffic",
        "ValidateService",
        expect![
            "line 11, Hooks[0].ValidateService: belongs into an AppSpec for EC2/on-premises, and this deployment is for Lambda: leave it out"
        ],
    );
    changed(
        "Name: storefront",
        "TaskDefinition: storefront",
        expect![[r#"
            line 6, Resources[0].Storefront.Properties.TaskDefinition: belongs into an AppSpec for ECS, and this deployment is for Lambda: leave it out
            line 6, Resources[0].Storefront.Properties.Name: missing: write the name of the function"#]],
    );
}

#[test]
fn everything_that_is_wrong_is_said_in_one_go() {
    check(
        "version: 1\nResources:\n  - Storefront:\n      Type: AWS::Lambda::Alias\n      Properties:\n        Name: a b\n        \
         Alias: 7\n        TargetVersion: $LATEST\n        Weight: 5\nHooks:\n  - BeforeTraffic: x\nStrategy: Canary0Percent5Minutes\n\
         Comment: hello\n",
        expect![[r#"
            line 4, Resources[0].Storefront.Type: expected AWS::Lambda::Function, found `AWS::Lambda::Alias`
            line 6, Resources[0].Storefront.Properties.Name: `a b` is not a function name: write 1 to 64 of A-Z a-z 0-9 - _
            line 7, Resources[0].Storefront.Properties.Alias: expected the name of an alias, such as live, found the number `7`; put it in quotes if it is meant
            line 8, Resources[0].Storefront.Properties.TargetVersion: `$LATEST` is not a version: an alias cannot be shifted to or from it; publish a version and write its number
            line 9, Resources[0].Storefront.Properties.Weight: unknown key; known here: Name, Alias, CurrentVersion, TargetVersion
            line 11, Hooks[0].BeforeTraffic: unknown event; did you mean BeforeAllowTraffic?
            line 12, Strategy: a canary step of 0 percent: write 1 to 99, or AllAtOnce to move all traffic in one step
            line 13, Comment: unknown key; known here: version, Resources, Hooks, Strategy, Warm"#]],
    );
}

#[test]
fn a_thousand_problems_are_not_all_told() {
    let keys: String = (0..1_000).map(|number| format!("key{number}: 1\n")).collect();
    let errors = parse(&with(&keys)).unwrap_err();
    assert_eq!(errors.problems().len(), 50);
    assert!(errors.to_string().ends_with("\nand 950 more"), "{errors}");
}

#[test]
fn what_a_user_wrote_is_shown_short_and_without_control_characters() {
    changed(
        "storefront",
        "\"\\e[31mred\\a\"",
        expect![[
            r#"line 6, Resources[0].Storefront.Properties.Name: `\u{1b}[31mred\u{7}` is not a function name: write 1 to 64 of A-Z a-z 0-9 - _"#
        ]],
    );
    changed(
        "storefront",
        &"ü".repeat(200),
        expect![
            "line 6, Resources[0].Storefront.Properties.Name: `üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü…` is not a function name: its character 1 (U+00FC) is no letter of ASCII, whatever it looks like; write 1 to 64 of A-Z a-z 0-9 - _"
        ],
    );
    changed(
        "Alias",
        "\"Al\\nias\"",
        expect![[r#"line 7, Resources[0].Storefront.Properties.`Al\nias`: unknown key; did you mean Alias?"#]],
    );
    changed(
        "Alias",
        &"A".repeat(300),
        expect![[r#"
        line 6, Resources[0].Storefront.Properties.Alias: missing: write the alias to move, such as live
        line 7, Resources[0].Storefront.Properties.`AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…`: unknown key; known here: Name, Alias, CurrentVersion, TargetVersion"#]],
    );
}
