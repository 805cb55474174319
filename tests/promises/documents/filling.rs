//! What is put where a document has an example: the story's own things in place of the samples and of a reader's account.

use harness::app::App;
use harness::deployment::Subject as _;
use harness::shop::Shop;
use harness::stack::stack;

/// What stands for what.
pub(crate) struct Filling {
    /// Put in as they are, in this order.
    values: Vec<(String, String)>,
    /// Names, put in where they are whole words.
    names: Vec<(&'static str, String)>,
}

/// What no filled text may have any more: a reader would not know either what belongs there.
const OPEN: [&str; 3] = ["…", "d-A1B2C3D4E", "111122223333"];

impl Filling {
    /// With this function for `storefront`, and this service for `shop/web`.
    pub(crate) async fn new(app: &App, shop: Option<&Shop>) -> Self {
        let mut filling = Self { values: Vec::new(), names: Vec::new() };
        filling.names.push(("storefront", app.name.clone()));
        if let Some(shop) = shop {
            let sample = &shop.sample;
            let balancer = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/50dc6c495c0c9188";
            for (example, own) in [
                (format!("{balancer}/0467ef3c8400ae65"), &sample.production_listener),
                (format!("{balancer}/1bb9e4f2a7c9d301"), &sample.test_listener),
                ("arn:…:listener/app/web/…".to_owned(), &sample.production_listener),
                ("arn:…:listener-rule/app/web/…".to_owned(), &sample.api_rule),
                ("arn:…:targetgroup/web-blue/…".to_owned(), &sample.blue),
                ("arn:…:targetgroup/web-green/…".to_owned(), &sample.green),
                ("subnet-1234abcd".to_owned(), &sample.subnets[0]),
                ("subnet-…".to_owned(), &sample.subnets[0]),
            ] {
                filling.put(&example, own);
            }
            filling.put("sg-…", "sg-1234abcd");
            filling.names.push(("web", shop.name().to_owned()));
        }
        filling.put("111122223333", stack().await.account());
        filling.put("eu-west-1", stack().await.region());
        filling
    }

    /// From now on this stands for that.
    pub(crate) fn put(&mut self, example: &str, own: &str) {
        self.values.retain(|(before, _)| before != example);
        self.values.push((example.to_owned(), own.to_owned()));
    }

    /// A text with all of it filled in; or what nobody has anything for.
    pub(crate) fn fill(&self, text: &str) -> Result<String, &'static str> {
        // What is put in has names of its own, which stay: so it comes last.
        let mut filled = text.to_owned();
        let examples = self.values.iter().enumerate();
        for (number, (example, _)) in examples.clone() {
            filled = filled.replace(example, &format!("\u{1}{number}\u{2}"));
        }
        for (name, own) in &self.names {
            filled = renamed(&filled, name, own);
        }
        for (number, (_, own)) in examples {
            filled = filled.replace(&format!("\u{1}{number}\u{2}"), own);
        }
        match OPEN.into_iter().find(|mark| filled.contains(mark)) {
            Some(mark) => Err(mark),
            None => Ok(filled),
        }
    }
}

/// A text with another name. A container is called what it is called, also where a service has the same name.
fn renamed(text: &str, name: &str, own: &str) -> String {
    let mut renamed = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(name) {
        renamed.push_str(before);
        let inside = renamed.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            || after.starts_with(|c: char| c.is_ascii_alphanumeric());
        let of_container = ["ontainer ", "ontainerName=", "ontainerName: "].iter().any(|end| renamed.ends_with(end));
        renamed.push_str(if inside || of_container { name } else { own });
        rest = after;
    }
    renamed + rest
}
