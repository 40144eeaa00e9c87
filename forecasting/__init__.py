"""What will sell, and what to buy."""
