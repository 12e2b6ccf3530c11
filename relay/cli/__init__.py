"""The command `relay`: one small file for each subcommand, without decisions of its own."""
