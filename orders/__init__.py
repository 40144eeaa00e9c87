"""Customers, measurements, custom orders, sales and payments."""
