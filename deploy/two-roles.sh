#!/bin/sh
# Run once by the PostgreSQL image in an empty volume. `boutique` owns the tables and lays them out; `boutique_app` is who
# web and worker sign in as, and owns nothing: it cannot rewrite a ledger or switch a rule off.
set -eu
psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set owner_password="$OWNER_DB_PASSWORD" --set app_password="$APP_DB_PASSWORD" <<'SQL'
CREATE ROLE boutique LOGIN PASSWORD :'owner_password';
CREATE ROLE boutique_app LOGIN PASSWORD :'app_password';
CREATE DATABASE boutique OWNER boutique;
SQL
