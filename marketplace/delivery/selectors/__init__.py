"""What is read of couriers' work, and by whom."""
