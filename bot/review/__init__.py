"""What people see in Slack, and what they decide there."""
