"""What the cards of Teams and Outlook have in common: elements of Adaptive Cards 1.0, and the limits of each host."""
