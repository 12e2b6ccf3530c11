"""Statements that carry their own proof: requests, tickets, receipts and released events."""
