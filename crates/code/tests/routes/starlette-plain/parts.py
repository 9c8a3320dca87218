from starlette.responses import JSONResponse
from starlette.routing import Mount, Route


async def part(request):
    return JSONResponse({})


def warm():
    return None


def cool():
    return None


routes = [Route("/{part_id:uuid}", part), Mount("/sub", routes=[Route("/x", part)])]
