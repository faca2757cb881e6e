"""What brings the bot back to the truth: timers, polling, sweeping."""
