"""The heart, and pure: who may decide, what one review comes to, and the cards, debts and words that follow."""
