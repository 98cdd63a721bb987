"""The web process: webhooks of the gateways, health, and a page that says what runs."""
