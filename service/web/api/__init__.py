"""The API: what the pages do, for programs.

operations (one table) -> routes, and the description at /api/openapi.json
"""
