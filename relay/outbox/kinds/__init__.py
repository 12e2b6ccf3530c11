"""The kinds of debts: one file for each, with what is sent for it and what is noted of the outcome."""
