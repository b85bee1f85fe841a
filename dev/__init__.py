"""Everything that runs the product on one machine; nothing in here is deployed."""
