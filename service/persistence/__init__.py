"""SQLAlchemy Core behind the ports: tables, the store, the archive and the migrations."""
