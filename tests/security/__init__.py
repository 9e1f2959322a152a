"""What an outsider, a hostile environment or a careless reader must not get."""
