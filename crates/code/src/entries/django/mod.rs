//! Django: settings lead to the urlconf, the urlconf to patterns, patterns to views. The administration is left out: it is Django's own.

mod ninja;
mod rest;
mod settings;
mod urls;
mod views;

pub(super) use settings::{Settings, find as settings};
pub(super) use urls::routes;
