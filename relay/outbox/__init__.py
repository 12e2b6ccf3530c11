"""What is owed to the outside, and how it is paid: commit, pay, turns, timer, operator, supersede."""
