//! The DynamoDB table: one, with everything in it.
//!
//! | Item | pk | sk |
//! |---|---|---|
//! | record | `DEPLOYMENT#id` | `DEPLOYMENT` |
//! | plan | `DEPLOYMENT#id` | `DEPLOYMENT#PLAN` |
//! | task token | `DEPLOYMENT#id` | `DEPLOYMENT#TOKEN#interrupt`, `…#continue`, `…#task-set`, `…#turn` |
//! | request | `DEPLOYMENT#id` | `REQUEST` |
//! | question of a pipeline | `DEPLOYMENT#id` | `QUESTION` |
//! | journal line | `DEPLOYMENT#id` | `LINE#key`; `LOG#time#number` of older code |
//! | hook details | `DEPLOYMENT#id` | `DETAILS#event` |
//! | hook run | `HOOK#execution id` | `HOOK` |
//! | place in a queue | `QUEUE#group` | `time#id` |
//! | what a group says of the order | `POLICY#group id` | `POLICY` |
//! | newest of a group by number | `SEQUENCE#group` | `SEQUENCE` |
//! | lock | `TARGET#key` | `LOCK` |
//! | alarm watch | `ALARM#name` | `DEPLOYMENT#id` |
//! | late write that may come | `LATE` | `DEPLOYMENT#id` |
//! | application | `APP#name` | `APP` |
//! | deployment group | `APP#application` | `GROUP#name` |
//! | revision | `APP#application` | `REVISION#digest of its location` |
//! | text of a revision | `APP#application` | `CONTENT#digest of the text` |
//! | custom configuration | `CONFIG#name` | `CONFIG` |
//! | on-premises instance | `INSTANCE#name` | `INSTANCE` |
//! | reference | `USED#CONFIG#name`, `USED#SERVICE#cluster/service`, `USED#IDENTITY#arn` | who refers to it |
//!
//! Deployments are listed by status, and by group: by the group's id, which outlives a rename.
//!
//! One query for the keys that begin with `DEPLOYMENT` reads all a step needs. What changes (the record) is kept apart from
//! what does not (the plan) and from what is long (tokens), so that the writes of every step stay under one kilobyte.

mod catalogue;
mod catalogue_keys;
mod hook_runs;
mod item;
mod journal;
mod listing;
mod locks;
mod questions;
mod queues;
mod records;
mod sequences;
mod watches;
