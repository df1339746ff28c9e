"""What sellers fill in, a module an area. The services hold the rules."""
