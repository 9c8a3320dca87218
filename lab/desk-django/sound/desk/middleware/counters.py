"""Counts answers for /metrics: a fixed set of numbers, nothing of the requests themselves."""
import threading


class Counters:
    lock = threading.Lock()
    answers = dict.fromkeys((1, 2, 3, 4, 5), 0)

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        with self.lock:
            self.answers[response.status_code // 100] += 1
        return response
