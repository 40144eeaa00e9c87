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
