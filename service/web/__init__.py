"""The pages, the feed and the webhooks."""
