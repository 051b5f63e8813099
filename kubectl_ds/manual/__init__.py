"""The manual of all codes; heavy with text, so only what shows it imports it."""
