class HistoryMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        remember(request.path)
        return self.get_response(request)

    def process_exception(self, request, exception):
        return None


def simple(get_response):
    def middleware(request):
        return get_response(request)

    return middleware


def remember(path):
    return path
