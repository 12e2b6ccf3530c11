"""Debts to the outside, and how they are paid: commit, pay, turns, timer, operator, supersede."""
