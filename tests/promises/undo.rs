//! Going back to what was there before, as people type it.

use harness::app::App;
use harness::deployment::Subject as _;
use harness::shop::Shop;
use harness::story;
use local::sample::service::CLUSTER;

use crate::command_line::tideshift;

#[test]
fn an_alias_goes_back_to_the_version_before_under_the_hooks_of_the_last_deployment() {
    story(async {
        let app = App::new().await;
        let target = format!("{}:live", app.name);
        let nothing = tideshift(&["undo", &target]).await;
        assert_eq!(nothing.code, 2, "{}", nothing.err);
        assert!(nothing.err.contains("nothing is known of"), "{}", nothing.err);

        let hook = app.hook("asks", "return {'status': 'Succeeded'}").await;
        let deployed = app.to("2").by("Canary20Percent2Seconds").hook("AfterAllowTraffic", hook).start().await;
        deployed.ended().await;
        let plan = tideshift(&["undo", &target, "--plan"]).await;
        assert_eq!(plan.code, 0, "{}", plan.err);
        assert!(plan.out.contains("from version 2 to 1") && plan.out.contains("-asks"), "{}", plan.out);
        assert_eq!(app.alias().await, "2", "a plan starts nothing");

        let undone = tideshift(&["undo", &target, "--watch"]).await;
        assert_eq!(undone.code, 0, "{}{}", undone.out, undone.err);
        assert!(undone.err.contains("AfterAllowTraffic succeeded"), "{}", undone.err);
        assert_eq!(app.writes().await, ["1 2:0.2", "2", "1"], "all at once");
    });
}

#[test]
fn a_service_goes_back_to_the_task_definition_before() {
    story(async {
        let shop = Shop::new().await;
        shop.to(2).by("AllAtOnce").start().await.ended().await;
        let target = format!("{CLUSTER}/{}", shop.name());
        let undone = tideshift(&["undo", &target, "--watch"]).await;
        assert_eq!(undone.code, 0, "{}{}", undone.out, undone.err);
        assert_eq!(shop.revisions().await, ["1"]);
    });
}
