//! Settles the plan, locks the target and begins, or refuses.

use aws::alarms::Alarms;
use aws::lambda::Lambda;
use aws::listeners::Listeners;
use aws::machine::Machines;
use aws::objects::Objects;
use aws::parameters::Parameters;
use aws::services::Services;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::facts::Sources;
use steps::prepare;

use crate::environment::{machines, required, settings};
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, lambda, alarms) = (Table::new(&config, required("TABLE")?), Lambda::new(&config), Alarms::new(&config));
    let (objects, services) = (Objects::new(&config), (Services::new(&config), Listeners::new(&config)));
    let parameters = Parameters::new(&config);
    let sources = Sources {
        functions: &lambda,
        services: &services,
        objects: &objects,
        alarms: &alarms,
        parameters: &parameters,
    };
    let (machines, settings) = (Machines::new(&config, machines()?), settings()?);
    serve(async |input| prepare::run(&table, &sources, &machines, &System, &settings, input).await).await
}
