//! What is kept beside deployments: applications, groups, configurations, revisions, on-premises instances.

use codedeploy::shapes::Tag;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::PortError;

/// One entry as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept<T> {
    /// What it says, in the API's own shape.
    pub info: T,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// How often it was changed.
    #[serde(default)]
    pub version: u64,
}

impl<T> Kept<T> {
    /// A new entry.
    pub fn new(info: T, tags: Vec<Tag>) -> Self {
        Self { info, tags, version: 0 }
    }
}

/// What entries are listed together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shelf {
    /// Applications, by name.
    Applications,
    /// Deployment groups of an application, by name.
    Groups(String),
    /// Revisions of an application, by the digest of their location.
    Revisions(String),
    /// The text of an application's revisions, by its digest.
    Contents(String),
    /// Custom deployment configurations, by name.
    Configs,
    /// On-premises instances, by name.
    Instances,
    /// What deployment groups say about the order of their deployments, by the group's id.
    Policies,
}

impl Shelf {
    /// The key of an entry on this shelf.
    pub fn key(&self, name: impl Into<String>) -> Key {
        Key { shelf: self.clone(), name: name.into() }
    }
}

/// Where an entry is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// With what others.
    pub shelf: Shelf,
    /// Under what name.
    pub name: String,
}

/// What others may refer to, so that it is known who does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Referred {
    /// A configuration, by deployment groups.
    Config(String),
    /// An ECS service, by the one deployment group it belongs to.
    Service(String),
    /// An IAM identity, by the one on-premises instance that uses it.
    Identity(String),
}

/// The catalogue. A read of one entry sees every write that was answered before; a listing of applications, configurations or
/// instances may be a second late.
pub trait ReadCatalogue {
    /// Reads one.
    async fn find<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<Kept<T>>, PortError>;

    /// Names on a shelf in order, those after `after`, at most `limit`.
    async fn names(&self, shelf: &Shelf, after: Option<&str>, limit: usize) -> Result<Vec<String>, PortError>;

    /// Every entry on a shelf of an application.
    async fn all<T: DeserializeOwned>(&self, shelf: &Shelf) -> Result<Vec<Kept<T>>, PortError>;

    /// Who refers to it. Somebody whose change was cut short may be among them without doing so.
    async fn referrers(&self, to: &Referred) -> Result<Vec<String>, PortError>;
}

/// Changes the catalogue.
pub trait WriteCatalogue {
    /// Writes a new one; [`PortError::Conflict`] if the name is taken.
    async fn add<T: Serialize>(&self, key: &Key, entry: &Kept<T>) -> Result<(), PortError>;

    /// Writes one on top of the version it was read at and counts the version up; [`PortError::Conflict`] if it has moved.
    async fn replace<T: Serialize>(&self, key: &Key, entry: &mut Kept<T>) -> Result<(), PortError>;

    /// Removes one. One that is not there is no error.
    async fn remove(&self, key: &Key) -> Result<(), PortError>;

    /// `from` refers to something from now on.
    async fn refer(&self, to: &Referred, from: &str) -> Result<(), PortError>;

    /// Not any more.
    async fn unrefer(&self, to: &Referred, from: &str) -> Result<(), PortError>;
}
