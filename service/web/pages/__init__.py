"""The pages, one subject a module: each lists its doors."""
