"""The heart, and pure: approvers, the judge of a review, and the cards, debts and sentences that follow."""
