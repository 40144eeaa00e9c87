"""Dashboards and reports: reads everything, writes nothing."""
