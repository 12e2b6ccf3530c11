"""`relay init`: policy, settings and workflows of a first approval."""
