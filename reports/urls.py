"""Each part names its own routes; `dashboards` and `reports` are built apart."""

urlpatterns = []
