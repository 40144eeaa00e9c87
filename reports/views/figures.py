"""The shape of every view of figures: a GET that is asked for places and days, and answers with what they add up to."""

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response

from boutique.api.viewsets import HouseViewSet
from reports.serializers.questions import QuestionSerializer

ONCE = "Given twice. Separate several values by commas."
EMPTY = "Is empty. Leave it out to see all."
UNSTORABLE = "Holds a character that cannot be stored (NUL)."


class FigureViewSet(HouseViewSet):
    """`inputs` names the serializer of what may be asked, which gives an `Asked`. Wants `figures(asked)`: one service
    call."""

    inputs = {"show": QuestionSerializer}

    @property
    def questions(self):
        return {action: set(serializer().fields) for action, serializer in self.inputs.items()}

    def asked(self):
        asked, problems = {}, {}
        for name, values in self.request.query_params.lists():
            if problem := badly_put(values):
                problems[name] = [ErrorDetail(problem, code="invalid")]
            elif name in self.questions[self.action]:
                asked[name] = values[0]
        if problems:
            raise ValidationError(problems)
        serializer = self.inputs[self.action](data=asked, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def show(self, request):
        answer = self.figures(self.asked())
        return Response(self.serializer_class(answer, context=self.get_serializer_context()).data)


def badly_put(values):
    if len(values) > 1:
        return ONCE
    if not values[0]:
        return EMPTY
    return UNSTORABLE if "\x00" in values[0] else ""
