"""Pieces of SQL that several reports begin with.

A day begins and ends by the clock of each place. What lay there then is what the ledger's last row before that moment
says (`recorded_at`, as `as_of` of the stock list does), so that a report of a day that is over never changes again.
"""

# Those that were asked for, and the moments between which the days lie there.
PLACES = """
places AS (
    SELECT id, code, name, timezone, %(since)s::date::timestamp AT TIME ZONE timezone AS began,
        (%(until)s::date + 1)::timestamp AT TIME ZONE timezone AS ended
    FROM accounts_location WHERE id = ANY(%(places)s::bigint[])
)"""

# Ids rise with the moment of recording. No row of the days has this id or a later one: going back from here, not from
# today, spares a best seller's shelf a walk through all that happened since.
HORIZON = """
horizon AS MATERIALIZED (
    SELECT coalesce((
        SELECT id FROM inventory_stockmovement
        WHERE recorded_at >= (%(until)s::date + 2)::timestamp AT TIME ZONE 'UTC' + interval '1 hour'
        ORDER BY recorded_at LIMIT 1
    ), 9223372036854775807) AS id
)"""

# What the ledger wrote in these days. The wide bounds are the same for all places: so the index on the moment serves.
WRITTEN = """
written AS (
    SELECT movement.sku_id, movement.location_id, movement.reason, movement.on_hand_change, movement.value_change
    FROM inventory_stockmovement movement JOIN places ON places.id = movement.location_id
    WHERE movement.recorded_at >= (%(since)s::date - 1)::timestamp AT TIME ZONE 'UTC'
        AND movement.recorded_at < (%(until)s::date + 2)::timestamp AT TIME ZONE 'UTC'
        AND movement.recorded_at >= places.began AND movement.recorded_at < places.ended
)"""

# What lay on each shelf when the last of the days had ended. The place is compared so that no index serves it: not
# knowing which SKU sells best, the planner would rather sort all the history of a shelf than go back along the SKU's.
SHELVES = """
shelves AS (
    SELECT level.sku_id, level.location_id, places.code AS location_code,
        coalesce(last.on_hand_after, 0) AS on_hand, coalesce(last.value_after, 0) AS value
    FROM inventory_stocklevel level JOIN places ON places.id = level.location_id
    LEFT JOIN LATERAL (
        SELECT on_hand_after, value_after FROM inventory_stockmovement movement
        WHERE movement.sku_id = level.sku_id AND movement.location_id + 0 = level.location_id
            AND movement.id < (SELECT id FROM horizon) AND movement.recorded_at < places.ended
        ORDER BY movement.id DESC LIMIT 1
    ) last ON true
    WHERE level.created_at < places.ended
)"""

GOODS = """
JOIN skus_sku sku ON sku.id = {sku} JOIN skus_product product ON product.id = sku.product_id
"""
OF_CATEGORY = "(%(categories)s::bigint[] IS NULL OR product.category_id = ANY(%(categories)s::bigint[]))"
