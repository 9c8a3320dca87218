import fastapi

router = fastapi.APIRouter()


@router.get("/experiments")
def experiments():
    return []
