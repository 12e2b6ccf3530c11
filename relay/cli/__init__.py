"""The command `relay`: one small file a command, with no judgement of its own."""
