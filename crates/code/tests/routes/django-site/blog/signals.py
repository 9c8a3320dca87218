from django.core.signals import request_finished
from django.db.models.signals import post_save
from django.dispatch import receiver

from .models import Post


@receiver(post_save, sender=Post)
def saved(sender, instance, **kwargs):
    index(instance)


def finished(sender, **kwargs):
    return None


def index(instance):
    return instance


def connect():
    request_finished.connect(finished)
