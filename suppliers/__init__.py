"""Suppliers, purchase orders and deliveries."""
