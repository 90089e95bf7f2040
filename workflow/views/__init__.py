"""Screens that finish a task, the inbox and the monitor."""
