"""Who may do what: one table. No other code asks for a role.

The role grants the action; the places a person works in grant the rows (`visible_to`). The codenames are Django's own,
so `user.has_perm` and the admin agree with the API.
"""

from django.db.models import TextChoices


class Role(TextChoices):
    """From the least to the most trusted: a promotion goes down this list, a demotion up."""

    VIEWER = "viewer", "Viewer"
    TAILOR = "tailor", "Tailor"
    JUNIOR_DESIGNER = "junior_designer", "Junior designer"
    STAFF = "staff", "Sales staff"
    MANAGER = "manager", "Store manager"
    ADMIN = "admin", "Owner, lead designer"


DESCRIPTIONS = {
    Role.VIEWER: "Looks at stock and asks for goods.",
    Role.TAILOR: "Their own alteration work.",
    Role.JUNIOR_DESIGNER: "Measurements and style images, nothing else on an order.",
    Role.STAFF: "Sells, takes orders and alterations in, receives goods, counts.",
    Role.MANAGER: "Stock, purchases, staff and reports of the places assigned to them.",
    Role.ADMIN: "Everything, in all places.",
}

admin = (Role.ADMIN,)
manager = (Role.ADMIN, Role.MANAGER)
shop = (Role.ADMIN, Role.MANAGER, Role.STAFF)
shop_and_viewer = (*shop, Role.VIEWER)
scanners = (*shop_and_viewer, Role.TAILOR)
sewers = (*shop, Role.TAILOR)
measurers = (*shop, Role.JUNIOR_DESIGNER)
everybody = tuple(Role)

TABLE = {
    # people
    "accounts.view_user": manager,
    "accounts.add_user": admin,
    "accounts.change_user": admin,
    "accounts.delete_user": admin,
    "accounts.approve_user": manager,
    "accounts.dismiss_user": manager,
    "accounts.reinstate_user": admin,
    "accounts.demote_user": admin,
    "accounts.give_any_role": admin,  # without it: up to sales staff
    "accounts.view_accountevent": manager,
    "accounts.view_promotionrequest": manager,
    "accounts.add_promotionrequest": manager,
    "accounts.withdraw_promotionrequest": manager,
    "accounts.decide_promotionrequest": admin,
    "accounts.view_signin": admin,
    "accounts.close_signin": admin,
    # places
    "accounts.view_location": shop_and_viewer,
    "accounts.add_location": admin,
    "accounts.change_location": admin,
    "accounts.delete_location": admin,
    "accounts.manage_place": manager,  # may be a place's manager
    # catalogue
    "skus.view_category": everybody,
    "skus.add_category": manager,
    "skus.change_category": manager,
    "skus.delete_category": admin,
    "skus.view_outfittype": everybody,
    "skus.add_outfittype": manager,
    "skus.change_outfittype": manager,
    "skus.delete_outfittype": admin,
    "skus.view_product": everybody,
    "skus.add_product": shop,
    "skus.change_product": shop,  # their own; with change_any, all
    "skus.delete_product": shop,
    "skus.view_sku": everybody,
    "skus.add_sku": shop,
    "skus.change_sku": shop,
    "skus.delete_sku": shop,
    "skus.change_any": manager,
    "skus.view_price": shop,
    "skus.change_price": manager,  # whoever makes something sets its first price
    "skus.view_catalogueevent": manager,
    "skus.view_barcode": scanners,
    "skus.add_barcode": shop,
    "skus.change_barcode": shop,
    "skus.delete_barcode": shop,
    "skus.print_label": shop,
    "skus.view_productimage": shop_and_viewer,
    "skus.add_productimage": shop,
    "skus.change_productimage": shop,
    "skus.delete_productimage": shop,
    "skus.import_sku": manager,
    "skus.view_skuimport": manager,
    # stock
    "inventory.view_stocklevel": shop_and_viewer,
    "inventory.view_cost": manager,
    "inventory.adjust_stock": manager,
    "inventory.override_stock": manager,
    "inventory.view_stockmovement": shop_and_viewer,
    "inventory.reverse_stockmovement": manager,
    "inventory.view_transfer": shop,
    "inventory.add_transfer": manager,
    "inventory.decide_transfer": admin,
    "inventory.ship_transfer": shop,
    "inventory.receive_transfer": shop,
    "inventory.close_transfer": manager,
    "inventory.cancel_transfer": manager,
    "inventory.view_stockrequest": shop_and_viewer,
    "inventory.add_stockrequest": shop_and_viewer,
    "inventory.decide_stockrequest": shop,  # without it: sees what they asked for themselves
    "inventory.cancel_stockrequest": shop_and_viewer,
    "inventory.view_stockcount": shop,
    "inventory.add_stockcount": shop,
    "inventory.count_stock": shop,
    "inventory.post_stockcount": manager,
    "inventory.view_lowstockthreshold": shop_and_viewer,
    "inventory.add_lowstockthreshold": manager,
    "inventory.change_lowstockthreshold": manager,
    "inventory.delete_lowstockthreshold": manager,
    "inventory.view_alert": shop_and_viewer,
    "inventory.acknowledge_alert": shop,
    "inventory.receive_alerts": manager,
    # suppliers and purchases
    "suppliers.view_supplier": shop,
    "suppliers.view_contact": manager,
    "suppliers.add_supplier": manager,
    "suppliers.change_supplier": manager,
    "suppliers.delete_supplier": admin,
    "suppliers.view_suppliersku": shop,
    "suppliers.add_suppliersku": manager,
    "suppliers.change_suppliersku": manager,
    "suppliers.delete_suppliersku": manager,
    "suppliers.view_purchaseorder": shop,
    "suppliers.add_purchaseorder": manager,
    "suppliers.change_purchaseorder": manager,
    "suppliers.delete_purchaseorder": manager,
    "suppliers.send_purchaseorder": manager,
    "suppliers.receive_purchaseorder": shop,
    "suppliers.close_purchaseorder": manager,
    "suppliers.cancel_purchaseorder": manager,
    "suppliers.return_purchaseorder": manager,
    "suppliers.view_purchasecost": manager,
    "suppliers.add_purchasecost": manager,
    # forecasts and reorders
    "forecasting.view_forecastrun": shop,
    "forecasting.add_forecastrun": manager,
    "forecasting.cancel_forecastrun": manager,
    "forecasting.view_forecast": shop,
    "forecasting.view_reordersuggestion": shop,
    "forecasting.accept_reordersuggestion": manager,
    "forecasting.dismiss_reordersuggestion": manager,
    "forecasting.view_servicelevel": manager,
    "forecasting.add_servicelevel": manager,
    "forecasting.change_servicelevel": manager,
    "forecasting.delete_servicelevel": manager,
    # customers and their bodies
    "orders.view_customer": measurers,
    "orders.view_contact": shop,  # without it: their names only
    "orders.view_history": shop,
    "orders.add_customer": shop,
    "orders.change_customer": shop,
    "orders.archive_customer": manager,
    "orders.delete_customer": manager,
    "orders.export_customer": admin,
    "orders.erase_customer": admin,
    "orders.view_measurementdefinition": (*measurers, Role.TAILOR),
    "orders.add_measurementdefinition": manager,
    "orders.change_measurementdefinition": manager,
    "orders.delete_measurementdefinition": manager,
    "orders.view_body": (*measurers, Role.TAILOR),  # a tailor, those of their own jobs
    "orders.view_measurementset": manager,  # the admin's pages
    "orders.add_measurementset": measurers,
    "orders.change_measurementset": measurers,
    "orders.delete_measurementset": (*manager, Role.JUNIOR_DESIGNER),
    "orders.delete_any_measurementset": manager,  # without it: their own, on the same day
    "orders.view_bodydataread": admin,
    # orders
    "orders.view_order": measurers,  # juniors: without prices, notes and payments
    "orders.add_order": shop,
    "orders.change_order": shop,
    "orders.move_order": shop,
    "orders.cancel_order": shop,
    "orders.cancel_paid_order": manager,
    "orders.release_unpaid": manager,
    "orders.override_price": manager,
    "orders.view_payment": shop,  # and prices
    "orders.add_payment": shop,
    "orders.refund_payment": manager,
    # the till
    "orders.view_sale": shop,
    "orders.add_sale": shop,
    "orders.import_history": manager,  # sales older than thirty days
    "orders.add_salereturn": shop,
    "orders.exchange_sale": shop,
    "orders.view_tillsession": shop,
    "orders.open_tillsession": shop,
    "orders.close_tillsession": shop,  # their own; with manage, all
    "orders.manage_tillsession": manager,
    "orders.view_tillentry": manager,  # the admin's pages
    "orders.view_basket": shop,
    "orders.add_basket": shop,
    "orders.change_basket": shop,
    "orders.delete_basket": shop,
    "orders.view_styleimage": measurers,
    "orders.add_styleimage": measurers,
    "orders.delete_styleimage": measurers,  # their own; with delete_any, all
    "orders.delete_any_styleimage": manager,
    # alterations
    "alterations.view_alterationservice": sewers,
    "alterations.add_alterationservice": manager,
    "alterations.change_alterationservice": manager,
    "alterations.delete_alterationservice": manager,
    "alterations.view_ticket": sewers,  # a tailor: those with work of theirs, without money and names
    "alterations.add_ticket": shop,  # without it: sees own work only
    "alterations.change_ticket": shop,
    "alterations.view_garment": sewers,
    "alterations.change_garment": shop,
    "alterations.pin_garment": sewers,
    "alterations.assign_garment": manager,
    "alterations.work_garment": sewers,
    "alterations.check_garment": sewers,  # never their own work
    "alterations.collect_garment": shop,
    "alterations.cancel_garment": shop,
    "alterations.cancel_begun_garment": manager,
    "alterations.issue_material": sewers,
    "alterations.view_garmentimage": sewers,
    "alterations.add_garmentimage": sewers,
    "alterations.delete_garmentimage": sewers,  # their own; with delete_any, all
    "alterations.delete_any_garmentimage": manager,
    "alterations.view_bench": sewers,  # a tailor: themselves
    "alterations.change_bench": manager,
    # advice
    "alterations.add_recommendation": (*shop, Role.TAILOR),
    "alterations.view_recommendation": manager,
    "alterations.accept_recommendation": shop,
    # webhooks
    "webhooks.view_webhook": admin,
    "webhooks.add_webhook": admin,
    "webhooks.change_webhook": admin,
    "webhooks.delete_webhook": admin,
    "webhooks.view_webhookdelivery": admin,
    "webhooks.change_webhookdelivery": admin,  # send it again
    # figures (money of margins and of stock needs view_cost too)
    "reports.view_house": admin,
    "reports.view_dashboard": shop,
    "reports.view_report": manager,
    "reports.view_subscription": manager,  # each their own
    "reports.add_subscription": manager,
    "reports.change_subscription": manager,
    "reports.delete_subscription": manager,
    # the house
    "accounts.see_all_places": admin,
    "accounts.use_admin": manager,
    "django_tasks_database.view_dbtaskresult": admin,
}

PERMISSIONS = {role: frozenset(name for name, who in TABLE.items() if role in who) for role in Role}


def rank(role):
    return list(Role).index(Role(role))


def is_up_to_staff(role):
    return rank(role) <= rank(Role.STAFF)
