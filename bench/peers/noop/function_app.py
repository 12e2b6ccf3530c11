"""The function that does nothing, to measure Azure's worker alone."""  # noqa: INP001 - a folder of its own, as Azure wants it

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("click", methods=["POST"])
def click(req: func.HttpRequest) -> func.HttpResponse:
    """Read the body, as every handler does, and answer."""
    req.get_body()
    return func.HttpResponse('{"outcome": "released"}', mimetype="application/json")
