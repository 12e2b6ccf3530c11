"""policy.toml, read into a Policy with every problem at its line and column."""
