"""Tables for people and spreadsheets: an answer of the API as CSV, XLSX or PDF."""
