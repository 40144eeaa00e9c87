import os

from django.db import connection


class CountStatements:
    """Puts into every answer how many SQL statements it took, and which process gave it.

    What Django sends by itself is not counted: BEGIN, COMMIT and ROLLBACK, and the look whether a kept connection is
    still alive. Savepoints are.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        statements = 0

        def count(execute, *statement):
            nonlocal statements
            statements += 1
            return execute(*statement)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response["X-Queries"] = str(statements)
        response["X-Process"] = str(os.getpid())
        return response


SCHEMAS = {"small": "small", "large": "public", "young": "young, small", "old": "old, small"}


class ChooseShop:
    """A request may ask for the small catalogue, or for a young or an old house, that lie in schemas of their own
    (bench.catalogue, bench.ages).

    Only requests that name one, the large one too, pay for it; these statements are not counted.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        schema = SCHEMAS.get(request.headers.get("X-Shop"))
        if schema is None:
            return self.get_response(request)
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path TO {schema}, public")
        try:
            return self.get_response(request)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET search_path")
