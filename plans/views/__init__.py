"""Screens of plans: reading them, writing them, importing workbooks, days off."""
