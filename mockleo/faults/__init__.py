"""What goes wrong: one module for each failure, the menu of them, and the plan that decides."""
